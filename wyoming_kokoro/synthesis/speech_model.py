"""How a segment's phonemes become samples."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Protocol

from wyoming_kokoro.api.memory import FreedMemory, MemoryPressure
from wyoming_kokoro.api.metrics import StageStatus
from wyoming_kokoro.scheduling.idle import IdleTimer
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.scheduling.worker import UnitIterator

MAX_PHONEMES = 510
"""The model's context is 512 tokens, two of which are the pads at either end."""


class SpeechModel(Protocol):
    """A way to speak phonemes in units of work."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same phonemes would sound different."""

    @property
    def trial_reports(self) -> Mapping[str, str]:
        """What is known of the providers that were tried, in words."""

    @property
    def stages(self) -> Sequence[StageStatus]:
        """Who runs each stage of the model."""

    def synthesize(self, phonemes: str, voice: str, speed: float) -> UnitIterator:
        """Yield the segment's samples; each `next()` is one unit of work on the scheduler's thread."""

    async def run_trials(self, scheduler: Scheduler, idle_timer: IdleTimer) -> None:
        """Look for faster ways to speak, behind everybody who is spoken to; return when all was tried."""

    def free_memory(self, pressure: MemoryPressure, scheduler: Scheduler) -> AsyncGenerator[FreedMemory, None]:
        """Give back memory, step by step, without touching what is under way; at `normal` take up again what paused."""

    def close(self) -> None:
        """Give back what was opened; nothing is spoken any more."""
