"""What the server uses of the open full model besides its speech: trials, status and memory."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from typing import Protocol

from wyoming_kokoro.api.memory import FreedMemory, MemoryPressure
from wyoming_kokoro.api.metrics import StageStatus
from wyoming_kokoro.scheduling.idle import IdleTimer
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.scheduling.worker import UnitIterator
from wyoming_kokoro.types import Pcm


class ManagedModel(Protocol):
    """The open full model."""

    @property
    def fingerprint(self) -> str:
        """A string that changes when the same phonemes sound different."""

    @property
    def trial_reports(self) -> Mapping[str, str]:
        """The trial result of each provider, for people."""

    @property
    def stages(self) -> Sequence[StageStatus]:
        """The status of each open stage."""

    def synthesize(self, phonemes: str, voice: str, speed: float) -> UnitIterator:
        """Yield the segment's samples. Each `next()` is one unit of work on the worker thread."""

    def time_phonemes(self, phonemes: str, voice: str, speed: float) -> Generator[Pcm, None, Sequence[float]]:
        """Return the times of the symbols in the samples of `synthesize`, as `SpeechModel.time_phonemes` does."""

    async def run_trials(self, scheduler: Scheduler, idle_timer: IdleTimer) -> None:
        """Try faster providers while the server is idle; return when all were tried."""

    def free_memory(self, pressure: MemoryPressure, scheduler: Scheduler) -> AsyncGenerator[FreedMemory, None]:
        """Free memory in steps, without an effect on running streams. At the level `normal`, resume paused work."""

    def close(self) -> None:
        """Close the model."""
