"""One synthesis in progress."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

from wyoming_kokoro.api.observations import Purpose
from wyoming_kokoro.api.speech_models import Quality
from wyoming_kokoro.errors import SpeechError, SynthesisFailed
from wyoming_kokoro.scheduling.playback import Priority
from wyoming_kokoro.scheduling.worker import UnitIterator
from wyoming_kokoro.types import Pcm


class Job:
    """One synthesis in progress: each `next()` queues its next unit of work."""

    def __init__(
        self,
        units: UnitIterator,
        priority: Priority,
        background_purpose: Purpose,
        quality: Quality,
        phonemes: int,
        *,
        work_ratio: float,
        enqueue: Callable[[Job], None],
        cancel: Callable[[Job], None],
    ) -> None:
        """`background_purpose` applies while the deadline of `priority` is infinite. `phonemes` is their number.

        `work_ratio`: the seconds that the model makes for each second of audio.
        """
        self.units = units
        self.priority = priority
        self.quality = quality
        self.phonemes = phonemes
        self.work_ratio = work_ratio
        self.finished_units = 0
        self.pending: asyncio.Future[Pcm | None] | None = None
        self._background_purpose = background_purpose
        self._enqueue = enqueue
        self._cancel = cancel

    @property
    def deadline(self) -> float:
        """The time at which the next audio is due."""
        return self.priority.deadline

    @property
    def has_started(self) -> bool:
        """Whether audio was already sent, so that missing the deadline leaves a gap."""
        return self.priority.has_started

    @property
    def is_waiting(self) -> bool:
        """Whether a consumer waits for the next samples."""
        return self.pending is not None and not self.pending.done()

    @property
    def purpose(self) -> Purpose:
        """The purpose of the next unit."""
        return "speech" if self.deadline < math.inf else self._background_purpose

    async def next(self) -> Pcm | None:
        """Return the next samples, or None at the end. Raises `SynthesisFailed`.

        Several tasks may wait for the same unit. Cancelling one of them does not affect the others.
        """
        if self.pending is None or not self.is_waiting:
            self.pending = asyncio.get_running_loop().create_future()
            # A unit may fail after its last waiting task was cancelled; asyncio would log the error as never retrieved.
            self.pending.add_done_callback(lambda future: future.cancelled() or future.exception())
            self._enqueue(self)
        return await asyncio.shield(self.pending)

    def close(self) -> None:
        """Cancel the synthesis: no further unit runs."""
        if self.pending is not None:
            self.pending.cancel()
        self._cancel(self)

    def resolve(self, result: Pcm | Exception | None) -> None:
        """Pass the samples, the end or the error of a unit to the tasks that wait for it."""
        if self.pending is None or self.pending.done():
            return
        if isinstance(result, SpeechError):
            self.pending.set_exception(result)
        elif isinstance(result, Exception):
            failure = SynthesisFailed("synthesis failed; see the server log for the cause")
            failure.__cause__ = result
            self.pending.set_exception(failure)
        else:
            self.pending.set_result(result)
