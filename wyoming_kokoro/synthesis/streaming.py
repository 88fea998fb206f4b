"""Speech that begins before its sentence is decoded: prosody for all of it, then window by window."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from wyoming_kokoro.api.memory import FreedMemory, MemoryPressure
from wyoming_kokoro.api.metrics import StageStatus
from wyoming_kokoro.inference.memory_state import MemoryState
from wyoming_kokoro.inference.pacing import PlaybackPacer
from wyoming_kokoro.inference.pipeline import ModelPipeline, Prosody
from wyoming_kokoro.inference.vocoder import FRAME_SAMPLES
from wyoming_kokoro.model.features import Floats
from wyoming_kokoro.model.fingerprint import fingerprint
from wyoming_kokoro.model.istft import InverseStft
from wyoming_kokoro.model.statistics import Statistics
from wyoming_kokoro.model.styles import Styles
from wyoming_kokoro.pcm import silence
from wyoming_kokoro.scheduling.idle import IdleTimer
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.scheduling.worker import UnitIterator
from wyoming_kokoro.synthesis.memory import MemoryReclaimer
from wyoming_kokoro.synthesis.silence import speech_bounds, trim_silence
from wyoming_kokoro.synthesis.statistics_learner import StatisticsLearner
from wyoming_kokoro.trials.runner import TrialRunner
from wyoming_kokoro.types import Samples


class StreamingModel:
    """Speaks from prepared stages. Each unit of work is one prosody or decoder run, or one window."""

    def __init__(
        self,
        stages: ModelPipeline,
        styles: Styles,
        statistics: Statistics,
        identity: str,
        *,
        learner: StatisticsLearner,
        trials: TrialRunner,
        pacer: PlaybackPacer,
        memory_state: MemoryState,
    ) -> None:
        """`identity` is the model's; `learner` is asked for what has no centre of its own. Until all voices of a blend
        have one, what they have a part in is decoded whole.

        `proving` finds faster providers; `pace` is told how fast they are.
        """
        self._trials = trials
        self._identity = identity
        self._stages = stages
        self._styles = styles
        self._statistics = statistics
        self._learner = learner
        self._pacer = pacer
        self._memory_reclaimer = MemoryReclaimer(stages, styles, statistics, memory_state)

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same phonemes would sound different."""
        return fingerprint(self._identity, self._stages.precision)

    def synthesize(self, phonemes: str, voice: str, speed: float) -> UnitIterator:
        """Yield the segment's samples without the silence around it. Raises `SynthesisFailed`.

        `phonemes` are 1 to 510 symbols of the vocabulary; `voice` is one of the styles, or a blend of them.
        """
        prosody = self._stages.predict_prosody(phonemes, self._styles.row(voice, len(phonemes)), speed)
        yield silence(0)
        frames = self._stages.decode_frames(prosody)
        yield silence(0)
        begin, end = speech_bounds(prosody.energy[0])
        cut = self._pacer.fixed_windows if self._stages.wants_fixed_windows else self._pacer.windows
        windows = tuple(cut(begin, end + self._stages.lag))
        unknown = self._statistics.missing(voice)
        if not self._statistics.has_learned(voice):
            self._learner.request(*dict.fromkeys((voice, *unknown)))
        if not unknown:
            samples = self._decoded(prosody, frames, voice, windows, (end - begin) * FRAME_SAMPLES)
        else:
            samples = iter([self._whole(prosody, frames)[begin * FRAME_SAMPLES : end * FRAME_SAMPLES]])
        yield from self._pacer.hold_until_safe(trim_silence(samples), windows)

    @property
    def trial_reports(self) -> Mapping[str, str]:
        """What is known of the providers of the vocoder, in words."""
        return self._trials.trial_reports

    @property
    def stages(self) -> Sequence[StageStatus]:
        """Who runs each stage, and what was tried in the place of the vocoder."""
        vocoder = self._stages.vocoder.name
        return [
            replace(it, tried=self._trials.summaries) if it.stage == vocoder else it for it in self._stages.statuses
        ]

    async def run_trials(self, scheduler: Scheduler, idle_timer: IdleTimer) -> None:
        """Try providers that take long to open, and numbers of threads."""
        await self._trials.run(scheduler, idle_timer)

    def free_memory(self, pressure: MemoryPressure, scheduler: Scheduler) -> AsyncGenerator[FreedMemory, None]:
        """Give back memory, step by step."""
        return self._memory_reclaimer.free_memory(pressure, scheduler)

    def close(self) -> None:
        """Stop learning and give back the stages."""
        self._learner.close()
        self._stages.close()

    def _decoded(
        self, prosody: Prosody, frames: Floats, voice: str, windows: Sequence[tuple[int, int]], left: int
    ) -> Iterator[Samples]:
        """Yield the samples of `windows`, so many as are `left`."""
        statistics = self._statistics.predict(voice, self._stages.features(prosody, frames))
        decoding = self._stages.start_vocoder(prosody, statistics, windows[0][0])
        beyond = max(0, windows[-1][1] - frames.shape[1])
        frames = np.pad(frames, ((0, 0), (0, beyond)), mode="edge")
        for first, last in windows:
            with self._pacer.measure(last - first):
                samples = decoding.feed(frames[:, first:last])[:left]
            left -= len(samples)
            yield samples

    def _whole(self, prosody: Prosody, frames: Floats) -> Samples:
        spectrum, _, _ = self._stages.decode_whole(prosody, frames)
        return InverseStft().feed(spectrum)
