"""What a provider must show before it speaks: the same as the one that does, on real windows, and in what time."""

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
from wyoming_kokoro.model.manifest import CONTEXT, TOKENS
from wyoming_kokoro.model.vocabulary import tokens
from wyoming_kokoro.pcm import silence
from wyoming_kokoro.scheduling.worker import UnitIterator
from wyoming_kokoro.types import Array, Samples

PHONEMES = "ðə lˈaɪts ɪn ðə kˈɪtʃən ɑːɹ ˈɔn."
VOICE = "af_heart"
ROUNDS = 2
"""How often the sentence of some eight windows is spoken by both, or the texts are read."""
LENGTHS = 5
MIN_SNR_DB = 12.0
"""Decibels. Float against int8 has 22 in sound, bfloat16 38, float16 42; of ALBERT float has 19 against int8. What is
broken has none. It does not rank what is heard."""


class Trial(ABC):
    """Work that two sessions do in turns."""

    def __init__(self, known: StageRunner, candidate: StageRunner) -> None:
        """`known` is trusted."""
        self._rivals = (_Timed(known), _Timed(candidate))

    @property
    def seconds(self) -> tuple[float, float]:
        """The median time of a window, of the one that is known and of the candidate."""
        known, candidate = (rival.median for rival in self._rivals)
        return known, candidate

    @property
    def snr_db(self) -> float:
        """How many decibels what is made is above the difference of the two."""
        known, candidate = (np.concatenate(rival.made) for rival in self._rivals)
        if not np.isfinite(candidate).all():
            return -np.inf
        noise = float(((known - candidate) ** 2).mean())
        return float(10 * np.log10(float((known**2).mean()) / noise)) if noise else np.inf

    @abstractmethod
    def units(self) -> UnitIterator:
        """Do the work; each unit is a window of one of them. Raises what the candidate raises."""


class VocoderTrial(Trial):
    """A sentence that two sessions of the vocoder speak."""

    def __init__(self, stages: ModelPipeline, known: StageRunner, candidate: StageRunner) -> None:
        """`known` is trusted."""
        super().__init__(known, candidate)
        self._stages = stages

    def units(self) -> UnitIterator:
        """Speak. Raises what the candidate raises."""
        styles = builtin_styles()
        prosody = self._stages.predict_prosody(PHONEMES, styles.row(VOICE, len(PHONEMES)), 1.0)
        yield silence(0)
        frames = self._stages.decode_frames(prosody)
        told = builtin_statistics(styles).predict(VOICE, self._stages.features(prosody, frames))
        yield silence(0)
        windows = [window for window in PlaybackPacer.fixed_windows(0, frames.shape[1]) if window[1] <= frames.shape[1]]
        for _ in range(ROUNDS):
            decodings = [(rival, self._stages.start_vocoder(prosody, told, 0, rival)) for rival in self._rivals]
            for first, last in windows:
                for rival, decoding in decodings:
                    rival.made.append(decoding.feed(frames[:, first:last]))
                    yield silence(0)


class AlbertTrial(Trial):
    """Texts that two sessions of ALBERT read, of every length that comes to graphs of one size."""

    def __init__(self, size: int, known: StageRunner, candidate: StageRunner) -> None:
        """`size` is that of the longest text, in tokens; `known` is trusted."""
        super().__init__(known, candidate)
        shorter = max((other for other in TOKENS if other < size), default=0)
        self._lengths = [shorter + (size - shorter) * part // LENGTHS for part in range(1, LENGTHS + 1)]

    def units(self) -> UnitIterator:
        """Read. Raises what the candidate raises."""
        text = itertools.cycle(tokens(PHONEMES))
        for length in ROUNDS * self._lengths:
            ids = np.array([[0, *itertools.islice(text, length - 2), 0]], dtype=np.int64)
            for rival in self._rivals:
                rival.made.append(rival.run({"tokens": ids})[CONTEXT].ravel())
                yield silence(0)


class _Timed:
    """A session, what it made and what time it took."""

    def __init__(self, session: StageRunner) -> None:
        self._session = session
        self._seconds: list[float] = []
        self.made: list[Samples] = []

    @property
    def median(self) -> float:
        return statistics.median(self._seconds)

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        begun = time.perf_counter()
        outputs = self._session.run(feeds)
        self._seconds.append(time.perf_counter() - begun)
        return outputs
