"""One synthesis for all who want the same at once, such as an announcement to five satellites."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Hashable
from contextlib import aclosing, closing

import numpy as np

from wyoming_kokoro.errors import SpeechError
from wyoming_kokoro.scheduling.playback import Priority
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.scheduling.worker import UnitIterator
from wyoming_kokoro.types import Pcm


class SharedSyntheses:
    """The renditions under way, by what they say."""

    def __init__(self, engine: Scheduler) -> None:
        self._engine = engine
        self._renditions: dict[Hashable, SharedSynthesis] = {}

    async def stream(
        self, key: Hashable, listener: Priority, steps: Callable[[], UnitIterator]
    ) -> AsyncGenerator[Pcm, None]:
        """Yield the samples of `key`, made by `steps` unless they are being made already.

        Raises `SynthesisFailed`.
        """
        rendition = self._renditions.get(key)
        if rendition is None:
            rendition = self._renditions[key] = SharedSynthesis(self._engine, steps())
        rendition.subscribe(listener)
        try:
            async with aclosing(rendition.stream()) as chunks:
                async for chunk in chunks:
                    yield chunk
        except SpeechError:
            self._forget(key, rendition)
            raise
        finally:
            if rendition.unsubscribe(listener):
                self._forget(key, rendition)

    def _forget(self, key: Hashable, rendition: SharedSynthesis) -> None:
        if self._renditions.get(key) is rendition:
            del self._renditions[key]


class SharedSynthesis:
    """One synthesis and its listeners; the most urgent of them sets its deadline."""

    def __init__(self, engine: Scheduler, steps: UnitIterator) -> None:
        self._track = engine.create_job(steps, self)
        self._listeners: list[Priority] = []
        self._chunks: list[Pcm] = []
        self._ended = False
        self._failure: SpeechError | None = None

    @property
    def deadline(self) -> float:
        """The moment by which the most urgent listener should have the next sound."""
        return min((listener.deadline for listener in self._listeners), default=0.0)

    @property
    def has_started(self) -> bool:
        """Whether any of them would hear a gap."""
        return any(listener.has_started for listener in self._listeners)

    def subscribe(self, listener: Priority) -> None:
        """Add a listener."""
        self._listeners.append(listener)

    def unsubscribe(self, listener: Priority) -> bool:
        """Remove a listener; return whether it was the last, in which case no further work is done."""
        self._listeners.remove(listener)
        if not self._listeners:
            self._track.close()
        return not self._listeners

    async def stream(self) -> AsyncGenerator[Pcm, None]:
        """Yield all chunks from the first on; whoever is ahead waits for the next unit."""
        position = 0
        while position < len(self._chunks) or not self._ended:
            if position == len(self._chunks):
                await self._extend(position)
                continue
            yield self._chunks[position]
            position += 1

    async def _extend(self, position: int) -> None:
        if self._failure:
            raise self._failure
        try:
            chunk = await self._track.next()
        except SpeechError as error:
            self._failure = error  # a listener that is behind must not take this for the end
            raise
        if len(self._chunks) > position or self._ended:
            return  # another listener that waited for the same unit has stored it
        if chunk is None:
            self._ended = True
        else:
            self._chunks.append(chunk)


def record_pcm(steps: UnitIterator, keep: Callable[[Pcm, float], None]) -> UnitIterator:
    """Yield `steps`; when they were all made, `keep` is given the whole recording and the seconds it took."""
    made: list[Pcm] = [np.zeros(0, dtype=np.int16)]
    cost = 0.0
    begun = time.perf_counter()
    with closing(steps):
        for chunk in steps:
            cost += time.perf_counter() - begun
            yield chunk
            made.append(chunk)
            begun = time.perf_counter()
    keep(np.concatenate(made), cost + time.perf_counter() - begun)
