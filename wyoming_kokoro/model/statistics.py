"""Predicts AdaIN statistics from features that are known before the vocoder runs.

Each voice has mean features and mean statistics. How statistics change with the features is nearly the same for all
voices, so one linear map of low rank serves all of them. `tools/data/make_statistics.py` fits it.

Log statistics are means followed by log variances. Unlike variances, log variances can be averaged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from wyoming_kokoro.model.blend import Blend
from wyoming_kokoro.model.matrices import product
from wyoming_kokoro.types import FloatArray

MIN_VARIANCE = 1e-6


@dataclass(frozen=True, slots=True)
class VoiceMean:
    """The mean features and the mean log statistics of one voice."""

    features: FloatArray
    log_statistics: FloatArray


class Statistics:
    """Predicts the means and variances of the vocoder's AdaIN."""

    def __init__(self, means: dict[str, VoiceMean], inward: FloatArray, outward: FloatArray) -> None:
        """Take two thin matrices, whose product maps the deviation of features to the change of log statistics."""
        self._means = means
        self._inward, self._outward = inward, outward

    @classmethod
    def read(cls, file: Path) -> Statistics:
        """Read a file of `tools/data/make_statistics.py`. Raises `OSError`."""
        with np.load(file) as arrays:
            names = [str(name) for name in arrays["names"]]
            features, statistics = (arrays[part].astype(np.float32) for part in ("features", "standing"))
            inward, outward = (arrays[part].astype(np.float32) for part in ("inward", "outward"))
        means = {name: VoiceMean(*pair) for name, *pair in zip(names, features, statistics, strict=True)}
        return cls(means, inward, outward)

    def remove(self, voice: str) -> None:
        """Remove a voice."""
        self._means = {name: mean for name, mean in self._means.items() if name != voice}

    def has(self, voice: str) -> bool:
        """Return whether the statistics of a voice, or of all voices of a blend, are known."""
        return not self.missing(voice)

    def has_learned(self, voice: str) -> bool:
        """Return whether the statistics of this voice, or of exactly this blend, were measured."""
        return voice in self._means

    def missing(self, voice: str) -> Sequence[str]:
        """Return the voices that must be measured before `voice`, which can be a blend, is known."""
        return [name for name in self._shares(voice) if name not in self._means]

    def add(self, voice: str, mean: VoiceMean) -> None:
        """Add or replace a voice."""
        self._means = {**self._means, voice: mean}

    def predict(self, voice: str, features: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the means and the variances of an utterance of a known voice.

        The mean of a blend that was not measured is approximated by the weighted mean of its voices.
        """
        mean = self._mean(voice)
        deviation = features - mean.features
        change = np.asarray(product(product(deviation, self._inward), self._outward), dtype=np.float32)
        return from_delta(mean.log_statistics, change)

    def _shares(self, voice: str) -> Mapping[str, float]:
        return {voice: 1.0} if voice in self._means else Blend.parse(voice).shares

    def _mean(self, voice: str) -> VoiceMean:
        parts = [(share, self._means[name]) for name, share in self._shares(voice).items()]
        features = sum(share * mean.features for share, mean in parts)
        statistics = sum(share * mean.log_statistics for share, mean in parts)
        return VoiceMean(np.asarray(features, dtype=np.float32), np.asarray(statistics, dtype=np.float32))


def to_log_space(mean: FloatArray, variance: FloatArray) -> FloatArray:
    """Return log statistics: means, then log variances."""
    floored = np.maximum(variance, MIN_VARIANCE)
    return np.concatenate([mean, np.log(floored)]).astype(np.float32)


def from_delta(base: FloatArray, change: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the means and the variances at a `change` from the log statistics `base`.

    The change has mean shifts in standard deviations of `base`, then log ratios of variances.
    """
    mean, log_variance = np.split(base, 2)
    shift, log_ratio = np.split(change, 2)
    return mean + shift * np.exp(log_variance / 2), np.exp(log_variance + log_ratio)
