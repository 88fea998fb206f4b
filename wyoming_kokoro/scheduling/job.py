"""One synthesis under way, and whom it is for."""

from __future__ import annotations

import asyncio
import math
from typing import Protocol

from wyoming_kokoro.api.observations import Purpose
from wyoming_kokoro.errors import SpeechError, SynthesisFailed
from wyoming_kokoro.scheduling.playback import Priority
from wyoming_kokoro.scheduling.worker import UnitIterator
from wyoming_kokoro.types import Pcm


class JobQueue(Protocol):
    """Who runs the units."""

    def enqueue(self, track: Job) -> asyncio.Future[Pcm | None]:
        """Ask for the next unit of `track`."""

    def cancel(self, track: Job) -> None:
        """Close the synthesis of `track`."""


class Job:
    """One synthesis under way."""

    def __init__(self, engine: JobQueue, steps: UnitIterator, urgency: Priority, ahead: Purpose) -> None:
        self._engine = engine
        self.units = steps
        self.urgency = urgency
        self.finished_units = 0
        """How many units of it were run."""
        self._ahead = ahead
        self.pending: asyncio.Future[Pcm | None] | None = None

    @property
    def deadline(self) -> float:
        """The moment by which the next sound should be there."""
        return self.urgency.deadline

    @property
    def has_started(self) -> bool:
        """Whether somebody would hear a gap after the deadline."""
        return self.urgency.has_started

    @property
    def purpose(self) -> Purpose:
        """What the next unit is for."""
        return "speech" if self.deadline < math.inf else self._ahead

    async def next(self) -> Pcm | None:
        """Return the next samples, or None at the end.

        Several tasks may wait for the same unit, and each may be cancelled without harm to the others.
        Raises `SynthesisFailed`.
        """
        if self.pending is None or self.pending.done():
            self.pending = self._engine.enqueue(self)
        return await asyncio.shield(self.pending)

    def close(self) -> None:
        """Drop the synthesis: no further unit of it is run."""
        if self.pending is not None:
            self.pending.cancel()
        self._engine.cancel(self)

    def resolve(self, result: Pcm | BaseException | None) -> None:
        """Give the samples, the end or the error to whoever waits for the unit that was run."""
        if self.pending is None or self.pending.done():
            return
        if isinstance(result, SpeechError):
            self.pending.set_exception(result)
        elif isinstance(result, BaseException):
            failure = SynthesisFailed("the model failed to speak this text; the log of the server says why")
            failure.__cause__ = result
            self.pending.set_exception(failure)
        else:
            self.pending.set_result(result)
