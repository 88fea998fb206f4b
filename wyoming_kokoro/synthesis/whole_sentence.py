"""Synthesis with the uncut model."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence

import numpy as np

from wyoming_kokoro.api.memory import FreedMemory, MemoryPressure
from wyoming_kokoro.api.metrics import StageStatus
from wyoming_kokoro.inference.stage import Stage
from wyoming_kokoro.model.fingerprint import fingerprint
from wyoming_kokoro.model.styles import Styles
from wyoming_kokoro.model.vocabulary import tokenize
from wyoming_kokoro.pcm import seconds, silence
from wyoming_kokoro.scheduling.costs import UnitCosts
from wyoming_kokoro.scheduling.idle import IdleTimer
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.scheduling.worker import UnitIterator
from wyoming_kokoro.synthesis.memory import DRY_RUN_PHONEMES, dry_run
from wyoming_kokoro.synthesis.silence import trim_silence
from wyoming_kokoro.types import Array, Pcm


class WholeSentenceModel:
    """Synthesizes a whole segment in one unit of work, for graphs that cannot be cut into stages."""

    def __init__(self, stage: Stage, styles: Styles, identity: str, costs: UnitCosts) -> None:
        """`identity` identifies the model."""
        self._stage = stage
        self._styles = styles
        self._identity = identity
        self._costs = costs
        self.trial_reports: Mapping[str, str] = {}

    @property
    def fingerprint(self) -> str:
        """A string that changes when the same phonemes sound different."""
        return fingerprint(self._identity, self._stage.precision)

    @property
    def stages(self) -> Sequence[StageStatus]:
        """The status of the only stage."""
        return [self._stage.status]

    def synthesize(self, phonemes: str, voice: str, speed: float) -> UnitIterator:
        """Yield the whole segment, without the silence around it.

        `phonemes` are at most `MAX_PHONEMES` symbols of the vocabulary. Raises `SynthesisFailed`.
        """
        ids = tokenize(phonemes)
        feeds: dict[str, Array] = {
            "tokens": np.array([[0, *ids, 0]], dtype=np.int64),
            "style": self._styles.row(voice, len(ids)),
            "speed": np.array([speed], dtype=np.float32),
        }
        started_at = time.perf_counter()
        (audio,) = self._stage.run(feeds).values()
        self._costs.record_window(time.perf_counter() - started_at, seconds(audio.ravel()))
        yield np.concatenate(list(trim_silence([audio.ravel()])))

    def time_phonemes(self, phonemes: str, voice: str, speed: float) -> Generator[Pcm, None, Sequence[float]]:  # noqa: ARG002
        """Return nothing: the uncut graph does not output its durations."""
        yield silence(0)
        return ()

    async def run_trials(self, scheduler: Scheduler, idle_timer: IdleTimer) -> None:
        """Return at once: the uncut model has no trials."""

    async def free_memory(self, pressure: MemoryPressure, scheduler: Scheduler) -> AsyncGenerator[FreedMemory, None]:
        """Free the memory that the model keeps between segments."""
        if pressure.is_at_least("raised"):
            self._stage.shrink()
            await dry_run(scheduler, self.synthesize(DRY_RUN_PHONEMES, self._styles.names[0], 1.0))
            yield FreedMemory("the model's memory between runs")

    def close(self) -> None:
        """Close the model."""
        self._stage.close()
