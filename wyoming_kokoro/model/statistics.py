"""AdaIN statistics, predicted from what is known of an utterance before its vocoder runs.

Every voice has its own centre. How an utterance departs from it is told by its features, and that is much the
same in all voices: one linear map of low rank serves them all. `tools/data/make_statistics.py` learns it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from wyoming_kokoro.model.blend import Blend

Floats = npt.NDArray[np.float32]
MIN_VARIANCE = 1e-6


@dataclass(frozen=True, slots=True)
class VoiceMean:
    """What is average of one voice: features, and statistics in the form of `standing`."""

    features: Floats
    log_statistics: Floats


@dataclass(frozen=True, slots=True)
class LowRankMap:
    """From how features depart from a voice's centre to how its statistics do: a map in two thin factors."""

    inward: Floats
    outward: Floats

    def __call__(self, features: Floats) -> Floats:
        """Return the departure of the statistics."""
        return np.asarray(features @ self.inward @ self.outward)


class Statistics:
    """Predicts the means and variances of the vocoder's AdaIN."""

    def __init__(self, centres: dict[str, VoiceMean], departure: LowRankMap) -> None:
        self._centres = centres
        self._departure = departure

    @classmethod
    def read(cls, file: Path) -> Statistics:
        """Read the file that `tools/data/make_statistics.py` writes. Raises `OSError`."""
        with np.load(file) as arrays:
            names = [str(name) for name in arrays["names"]]
            features, standing = (arrays[part].astype(np.float32) for part in ("features", "standing"))
            departure = LowRankMap(*(arrays[part].astype(np.float32) for part in ("inward", "outward")))
        return cls({name: VoiceMean(*pair) for name, *pair in zip(names, features, standing, strict=True)}, departure)

    def remove(self, voice: str) -> None:
        """Drop a voice, whose name another has taken."""
        self._centres = {name: centre for name, centre in self._centres.items() if name != voice}

    def has(self, voice: str) -> bool:
        """Return whether the centre of a voice, or those of all voices of a blend, are known."""
        return not self.missing(voice)

    def has_learned(self, voice: str) -> bool:
        """Return whether a voice, or a blend, has a centre that was heard of itself."""
        return voice in self._centres

    def missing(self, voice: str) -> Sequence[str]:
        """Return whose centres must be learned before that of `voice`, or of a blend, is known."""
        return [name for name in self._shares(voice) if name not in self._centres]

    def add(self, voice: str, centre: VoiceMean) -> None:
        """Add a voice."""
        self._centres = {**self._centres, voice: centre}

    def predict(self, voice: str, features: Floats) -> tuple[Floats, Floats]:
        """Return the means and the variances of an utterance of a voice that is known.

        The centre of a blend that was not learned is taken between those of its voices, which is about right.
        """
        centre = self._centre(voice)
        moved = self._departure(features - centre.features)
        return from_delta(centre.log_statistics, moved)

    def _shares(self, voice: str) -> Mapping[str, float]:
        return {voice: 1.0} if voice in self._centres else Blend.parse(voice).shares

    def _centre(self, voice: str) -> VoiceMean:
        if voice in self._centres:
            return self._centres[voice]
        parts = [(share, self._centres[name]) for name, share in self._shares(voice).items()]
        features = sum(share * centre.features for share, centre in parts)
        stood = sum(share * centre.log_statistics for share, centre in parts)
        return VoiceMean(np.asarray(features, dtype=np.float32), np.asarray(stood, dtype=np.float32))


def to_log_space(mean: Floats, variance: Floats) -> Floats:
    """Return statistics in a form that may be averaged: means, and log variances."""
    floored = np.maximum(variance, MIN_VARIANCE)
    return np.concatenate([mean, np.log(floored)]).astype(np.float32)


def from_delta(centre: Floats, moved: Floats) -> tuple[Floats, Floats]:
    """Return means and variances of a voice at `centre` when they have moved by so much."""
    mean, log_variance = np.split(centre, 2)
    shift, growth = np.split(moved, 2)
    return mean + shift * np.exp(log_variance / 2), np.exp(log_variance + growth)


def delta(centre: Floats, stood: Floats) -> Floats:
    """Return by how much statistics have moved from `centre`: the inverse of `falling`."""
    mean, log_variance = np.split(centre, 2)
    other, other_log_variance = np.split(stood, 2)
    return np.concatenate([(other - mean) / np.exp(log_variance / 2), other_log_variance - log_variance])
