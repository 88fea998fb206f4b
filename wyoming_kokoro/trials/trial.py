"""Compares a candidate with a trusted session: same output, and how fast."""

from __future__ import annotations

import itertools
import statistics
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping

import numpy as np

from wyoming_kokoro.inference.pacing import PlaybackPacer
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.inference.vocoder import StageRunner
from wyoming_kokoro.model.builtin import builtin_statistics, builtin_styles
from wyoming_kokoro.model.manifest import ALBERT_SIZES, CONTEXT
from wyoming_kokoro.model.vocabulary import tokenize
from wyoming_kokoro.pcm import silence
from wyoming_kokoro.scheduling.worker import UnitIterator
from wyoming_kokoro.types import Array, Samples

PHONEMES = "ðə lˈaɪts ɪn ðə kˈɪtʃən ɑːɹ ˈɔn."
VOICE = "af_heart"
ROUNDS = 2
"""Both sessions synthesize the sentence of about eight windows, or read all texts, this many times."""
TEXT_LENGTHS = 5
MIN_SNR_DB = 12.0
"""Measured: sound of float against int8 22 dB, of bfloat16 38 dB, of float16 42 dB; ALBERT in float against int8 19 dB.
A broken provider has about 0 dB. The number does not rank how good providers sound."""
MIN_WINDOW_SNR_DB = 8.0
"""For each loud window alone: Core ML in float16 on the newest chips is wrong only at the beginning of a sentence.
Measured: float against int8 15 dB in the worst window."""
LOUD_RATIO = 0.01
"""A window counts if its power is at least this part of the loudest window's. Quiet ones differ more, inaudibly."""


class Trial(ABC):
    """Work that two sessions do in turns."""

    def __init__(self, baseline: StageRunner, candidate: StageRunner) -> None:
        """`baseline` is trusted."""
        self._sessions = (_TimedSession(baseline), _TimedSession(candidate))

    @property
    def seconds(self) -> tuple[float, float]:
        """The median seconds of a window, of the baseline and of the candidate."""
        baseline, candidate = (statistics.median(session.seconds) for session in self._sessions)
        return baseline, candidate

    @property
    def snr_db(self) -> float:
        """The ratio of the baseline's output to the difference between both outputs, in decibels."""
        baseline, candidate = (np.concatenate(session.outputs) for session in self._sessions)
        return snr_db(baseline, candidate)

    @property
    def worst_snr_db(self) -> float:
        """The lowest such ratio of any loud window."""
        pairs = [
            (float((baseline**2).mean()), snr_db(baseline, candidate))
            for baseline, candidate in zip(*(session.outputs for session in self._sessions), strict=True)
        ]
        loudest = max(power for power, _ in pairs)
        return min(snr for power, snr in pairs if power >= LOUD_RATIO * loudest)

    @property
    def is_correct(self) -> bool:
        """Whether the candidate's output is close enough to the baseline's."""
        return self.snr_db >= MIN_SNR_DB and self.worst_snr_db >= MIN_WINDOW_SNR_DB

    @abstractmethod
    def units(self) -> UnitIterator:
        """Do the work; each unit is a window of one session. Raises the candidate's error."""


def snr_db(baseline: Samples, candidate: Samples) -> float:
    """Return the ratio of the baseline to the difference of both, in decibels; minus infinity if it is not a number."""
    if not np.isfinite(candidate).all():
        return -np.inf
    noise = float(((baseline - candidate) ** 2).mean())
    return float(10 * np.log10(float((baseline**2).mean()) / noise)) if noise else np.inf


class VocoderTrial(Trial):
    """A sentence that two sessions of the vocoder synthesize."""

    def __init__(self, pipeline: ModelPipeline, baseline: StageRunner, candidate: StageRunner) -> None:
        super().__init__(baseline, candidate)
        self._pipeline = pipeline

    def units(self) -> UnitIterator:
        """Synthesize. Raises the candidate's error."""
        styles = builtin_styles()
        prosody = self._pipeline.predict_prosody(PHONEMES, styles.row(VOICE, len(PHONEMES)), 1.0)
        yield silence(0)
        frames = self._pipeline.decode_frames(prosody)
        predicted = builtin_statistics(styles).predict(VOICE, self._pipeline.features(prosody, frames))
        yield silence(0)
        windows = [window for window in PlaybackPacer.fixed_windows(0, frames.shape[1]) if window[1] <= frames.shape[1]]
        for _ in range(ROUNDS):
            streams = [
                (session, self._pipeline.start_vocoder(prosody, predicted, 0, session)) for session in self._sessions
            ]
            for first, last in windows:
                for session, stream in streams:
                    session.outputs.append(stream.feed(frames[:, first:last]))
                    yield silence(0)


class AlbertTrial(Trial):
    """Texts that two sessions of ALBERT read, of different lengths that all use the graph of one size."""

    def __init__(self, size: int, baseline: StageRunner, candidate: StageRunner) -> None:
        """`size` is the number of tokens in the longest text."""
        super().__init__(baseline, candidate)
        smaller = max((other for other in ALBERT_SIZES if other < size), default=0)
        self._lengths = [smaller + (size - smaller) * part // TEXT_LENGTHS for part in range(1, TEXT_LENGTHS + 1)]

    def units(self) -> UnitIterator:
        """Read the texts. Raises the candidate's error."""
        text = itertools.cycle(tokenize(PHONEMES))
        for length in ROUNDS * self._lengths:
            ids = np.array([[0, *itertools.islice(text, length - 2), 0]], dtype=np.int64)
            for session in self._sessions:
                session.outputs.append(session.run({"tokens": ids})[CONTEXT].ravel())
                yield silence(0)


class _TimedSession:
    """A session with its run times and, filled by the trial, its outputs."""

    def __init__(self, session: StageRunner) -> None:
        self._session = session
        self.seconds: list[float] = []
        self.outputs: list[Samples] = []

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        started_at = time.perf_counter()
        outputs = self._session.run(feeds)
        self.seconds.append(time.perf_counter() - started_at)
        return outputs
