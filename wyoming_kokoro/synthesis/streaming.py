"""Synthesis with the stages of the full model: prosody for the whole segment, then audio window by window."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from wyoming_kokoro.api.memory import FreedMemory, MemoryPressure
from wyoming_kokoro.api.metrics import StageStatus
from wyoming_kokoro.inference.memory_state import MemoryState
from wyoming_kokoro.inference.pacing import PlaybackPacer
from wyoming_kokoro.inference.pipeline import FRAMES_PER_DURATION, ModelPipeline, Prosody
from wyoming_kokoro.inference.vocoder import FRAME_SAMPLES
from wyoming_kokoro.model.fingerprint import fingerprint
from wyoming_kokoro.model.istft import InverseStft
from wyoming_kokoro.model.statistics import Statistics
from wyoming_kokoro.model.styles import Styles
from wyoming_kokoro.pcm import silence
from wyoming_kokoro.scheduling.idle import IdleTimer
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.scheduling.worker import UnitIterator
from wyoming_kokoro.synthesis.memory import MemoryReclaimer
from wyoming_kokoro.synthesis.silence import SilenceTrimmer, speech_bounds, trim_silence
from wyoming_kokoro.synthesis.statistics_learner import StatisticsLearner
from wyoming_kokoro.trials.runner import TrialRunner
from wyoming_kokoro.types import SAMPLE_RATE, FloatArray, Pcm, Samples


@dataclass(frozen=True, slots=True)
class _StartedSegment:
    """A segment before the decoding of its windows."""

    prosody: Prosody
    begin: int
    """The frame of 12.5 ms with which `samples` begin."""
    windows: Sequence[tuple[int, int]]
    samples: Iterator[Samples]


class StreamingModel:
    """Synthesizes with the prepared stages. Each unit of work is one run of prosody or the decoder, or one window."""

    def __init__(
        self,
        pipeline: ModelPipeline,
        styles: Styles,
        statistics: Statistics,
        identity: str,
        *,
        learner: StatisticsLearner,
        trials: TrialRunner,
        pacer: PlaybackPacer,
        memory_state: MemoryState,
    ) -> None:
        """`identity` identifies the model. `learner` learns voices that have no statistics of their own.

        A voice streams if every voice that it blends has statistics. Otherwise its segments are decoded whole.
        """
        self._trials = trials
        self._identity = identity
        self._pipeline = pipeline
        self._styles = styles
        self._statistics = statistics
        self._learner = learner
        self._pacer = pacer
        self._memory_reclaimer = MemoryReclaimer(pipeline, styles, statistics, memory_state)

    @property
    def fingerprint(self) -> str:
        """A string that changes when the same phonemes sound different."""
        return fingerprint(self._identity, self._pipeline.precision)

    def synthesize(self, phonemes: str, voice: str, speed: float) -> UnitIterator:
        """Yield the segment's samples, without the silence around it. Raises `SynthesisFailed`.

        `phonemes` are 1 to 510 symbols of the vocabulary; `voice` is one of the styles, or a blend of them.
        """
        segment = yield from self._start(phonemes, voice, speed)
        yield from self._pacer.hold_until_safe(trim_silence(segment.samples), segment.windows)

    def time_phonemes(self, phonemes: str, voice: str, speed: float) -> Generator[Pcm, None, Sequence[float]]:
        """Return when each symbol begins in the samples of `synthesize`, and when the last one ends.

        Decodes up to the first sound, which the trimmed silence depends on. Raises `SynthesisFailed`.
        """
        segment = yield from self._start(phonemes, voice, speed)
        trimmer = SilenceTrimmer()
        for samples in segment.samples:
            trimmer.feed(samples)
            if trimmer.has_started:
                break
            yield silence(0)
        offset = segment.begin * FRAME_SAMPLES + trimmer.dropped
        durations = segment.prosody.durations * (FRAMES_PER_DURATION * FRAME_SAMPLES)
        # The last token is the padding at the end.
        return tuple(((np.cumsum(durations[:-1]) - offset) / SAMPLE_RATE).tolist())

    def _start(self, phonemes: str, voice: str, speed: float) -> Generator[Pcm, None, _StartedSegment]:
        """Return a segment whose samples are not decoded yet."""
        style = self._styles.row(voice, len(phonemes))
        prosody = self._pipeline.predict_prosody(phonemes, style, speed)
        yield silence(0)
        frames = self._pipeline.decode_frames(prosody)
        yield silence(0)
        begin, end = speech_bounds(prosody.energy[0])
        split = self._pacer.fixed_windows if self._pipeline.wants_fixed_windows else self._pacer.windows
        windows = tuple(split(begin, end + self._pipeline.lag))
        missing = self._statistics.missing(voice)
        if not self._statistics.has_learned(voice):
            self._learner.request(*dict.fromkeys((voice, *missing)))
        if not missing:
            samples = self._decode(prosody, frames, voice, windows, (end - begin) * FRAME_SAMPLES)
        else:
            samples = iter([self._decode_whole(prosody, frames)[begin * FRAME_SAMPLES : end * FRAME_SAMPLES]])
        return _StartedSegment(prosody, begin, windows, samples)

    @property
    def trial_reports(self) -> Mapping[str, str]:
        """The trial result of each provider, for people."""
        return self._trials.trial_reports

    @property
    def stages(self) -> Sequence[StageStatus]:
        """The status of each open stage, with the trials of the vocoder."""
        vocoder = self._pipeline.vocoder.name
        return [
            replace(it, trials=self._trials.summaries) if it.stage == vocoder else it for it in self._pipeline.statuses
        ]

    async def run_trials(self, scheduler: Scheduler, idle_timer: IdleTimer) -> None:
        """Try providers that open slowly, and numbers of threads."""
        await self._trials.run(scheduler, idle_timer)

    def free_memory(self, pressure: MemoryPressure, scheduler: Scheduler) -> AsyncGenerator[FreedMemory, None]:
        """Free memory in steps."""
        return self._memory_reclaimer.free_memory(pressure, scheduler)

    def close(self) -> None:
        """Stop the learner and close the stages."""
        self._learner.close()
        self._pipeline.close()

    def _decode(
        self, prosody: Prosody, frames: FloatArray, voice: str, windows: Sequence[tuple[int, int]], sample_count: int
    ) -> Iterator[Samples]:
        """Yield the samples of `windows`, at most `sample_count`."""
        statistics = self._statistics.predict(voice, self._pipeline.features(prosody, frames))
        stream = self._pipeline.start_vocoder(prosody, statistics, windows[0][0])
        padding = max(0, windows[-1][1] - frames.shape[1])
        frames = np.pad(frames, ((0, 0), (0, padding)), mode="edge")
        for first, last in windows:
            with self._pacer.measure(last - first):
                samples = stream.feed(frames[:, first:last])[:sample_count]
            sample_count -= len(samples)
            yield samples

    def _decode_whole(self, prosody: Prosody, frames: FloatArray) -> Samples:
        spectrum, _, _ = self._pipeline.decode_whole(prosody, frames)
        return InverseStft().feed(spectrum)
