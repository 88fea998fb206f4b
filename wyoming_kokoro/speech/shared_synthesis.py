"""One synthesis for identical segments at the same time, such as an announcement on five satellites."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Hashable
from contextlib import aclosing, closing
from functools import partial

import numpy as np

from wyoming_kokoro.api.speech_models import Quality
from wyoming_kokoro.errors import SpeechError
from wyoming_kokoro.scheduling.job import Job
from wyoming_kokoro.scheduling.playback import Priority
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.scheduling.worker import UnitIterator
from wyoming_kokoro.types import Pcm


class SharedSyntheses:
    """The syntheses in progress, by content."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._syntheses: dict[Hashable, SharedSynthesis] = {}

    async def stream(
        self,
        key: Hashable,
        priority: Priority,
        start: Callable[[], UnitIterator],
        quality: Quality = "full",
        phonemes: int = 0,
        *,
        work_ratio: float = 1.0,
    ) -> AsyncGenerator[Pcm, None]:
        """Yield the PCM of `key` from its first sample. Call `start` only if no synthesis of `key` is in progress.

        `quality`, `phonemes` and `work_ratio` are those of `Scheduler.create_job`. Raises `SynthesisFailed`.
        """
        synthesis = self._syntheses.get(key)
        if synthesis is None:
            job = partial(
                self._scheduler.create_job, start(), quality=quality, phonemes=phonemes, work_ratio=work_ratio
            )
            synthesis = self._syntheses[key] = SharedSynthesis(job)
        synthesis.subscribe(priority)
        try:
            async with aclosing(synthesis.stream()) as chunks:
                async for chunk in chunks:
                    yield chunk
        except SpeechError:
            self._remove(key, synthesis)
            raise
        finally:
            if synthesis.unsubscribe(priority):
                self._remove(key, synthesis)

    def _remove(self, key: Hashable, synthesis: SharedSynthesis) -> None:
        if self._syntheses.get(key) is synthesis:
            del self._syntheses[key]


class SharedSynthesis:
    """One synthesis and its subscribers. Its priority is that of the most urgent subscriber."""

    def __init__(self, create_job: Callable[[Priority], Job]) -> None:
        """`create_job` returns a job with the priority of this synthesis."""
        self._subscribers: list[Priority] = []
        self._chunks: list[Pcm] = []
        self._unit: asyncio.Task[None] | None = None
        self._has_ended = False
        self._failure: SpeechError | None = None
        self._job = create_job(self)

    @property
    def deadline(self) -> float:
        """The earliest deadline of the subscribers."""
        return min((subscriber.deadline for subscriber in self._subscribers), default=0.0)

    @property
    def has_started(self) -> bool:
        """Whether any subscriber has started."""
        return any(subscriber.has_started for subscriber in self._subscribers)

    def subscribe(self, priority: Priority) -> None:
        """Add a subscriber."""
        self._subscribers.append(priority)

    def unsubscribe(self, priority: Priority) -> bool:
        """Remove a subscriber; return whether it was the last one, which also cancels the synthesis."""
        self._subscribers.remove(priority)
        if not self._subscribers:
            self._job.close()
        return not self._subscribers

    async def stream(self) -> AsyncGenerator[Pcm, None]:
        """Yield all chunks from the first one. The subscriber that is furthest ahead runs the next unit."""
        position = 0
        while position < len(self._chunks) or not self._has_ended:
            if position == len(self._chunks):
                await self._run_next_unit()
                continue
            yield self._chunks[position]
            position += 1

    async def _run_next_unit(self) -> None:
        """Run a unit, or wait for the running one. Cancelling a subscriber does not affect the others."""
        if self._failure:
            raise self._failure
        # A task of its own stores each chunk once, even if a subscriber comes or goes at the moment of the result.
        if self._unit is None or self._unit.done():
            self._unit = asyncio.create_task(self._store_next_chunk())
            # A unit may fail after its last subscriber left; asyncio would log the error as never retrieved.
            self._unit.add_done_callback(lambda task: task.cancelled() or task.exception())
        await asyncio.shield(self._unit)

    async def _store_next_chunk(self) -> None:
        try:
            chunk = await self._job.next()
        except SpeechError as error:
            self._failure = error  # for slower subscribers, which would take it for the end
            raise
        if chunk is None:
            self._has_ended = True
        else:
            self._chunks.append(chunk)


def record_pcm(units: UnitIterator, on_complete: Callable[[Pcm, float], None]) -> UnitIterator:
    """Yield `units`, then call `on_complete` with the whole recording and the seconds of work."""
    recording: list[Pcm] = [np.zeros(0, dtype=np.int16)]
    work_seconds = 0.0
    started_at = time.perf_counter()
    with closing(units):
        for chunk in units:
            work_seconds += time.perf_counter() - started_at
            yield chunk
            recording.append(chunk)
            started_at = time.perf_counter()
    on_complete(np.concatenate(recording), work_seconds + time.perf_counter() - started_at)
