"""Make wyoming_kokoro/data/statistics.npz from the output of `collect_statistics.py`.

    python -m tools.data.make_statistics RAW

A ridge regression learns one map for all voices, from features to statistics, both relative to the means of their
voice. Only the strongest directions of the map are kept. Prints the share of the variance that the map leaves
unexplained in utterances that it was not trained on.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

TARGET = Path(__file__).parents[2] / "wyoming_kokoro" / "data" / "statistics.npz"
RANK = 64
RIDGE = 200.0
FOLDS = 5
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class VoiceSamples:
    """Features and statistics of one voice, one row per utterance."""

    features: Floats
    statistics: Floats

    @property
    def centre(self) -> Floats:
        """The mean statistics."""
        return np.asarray(self.statistics.mean(axis=0))

    @property
    def centred_features(self) -> Floats:
        """The features relative to their mean."""
        return np.asarray(self.features - self.features.mean(axis=0))

    @property
    def deviations(self) -> Floats:
        """The statistics relative to their mean."""
        return compute_deviations(self.centre, self.statistics)

    def without_fold(self, fold: int) -> VoiceSamples:
        """Return all utterances but those of one fold of the cross-validation."""
        is_kept = np.arange(len(self.features)) % FOLDS != fold
        return VoiceSamples(self.features[is_kept], self.statistics[is_kept])


def main() -> None:
    """Learn the map, print how well it predicts, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("raw", type=Path, metavar="RAW", help="folder that collect_statistics wrote")
    voices = {file.stem: read_samples(file) for file in sorted(parser.parse_args().raw.glob("*.npz"))}
    scales = np.concatenate([voice.centred_features for voice in voices.values()]).std(axis=0) + 1e-3
    print(f"unexplained variance of unseen utterances: {cross_validate(voices, scales):.3f}")
    inward, outward = learn_map(list(voices.values()), scales)
    np.savez(
        TARGET,
        names=np.array(list(voices)),
        features=np.stack([voice.features.mean(axis=0) for voice in voices.values()]).astype(np.float16),
        standing=np.stack([voice.centre for voice in voices.values()]).astype(np.float16),
        inward=inward.astype(np.float16),
        outward=outward.astype(np.float16),
    )
    print(f"{len(voices)} voices, {TARGET.stat().st_size / 1e6:.2f} MB in {TARGET}")


def read_samples(file: Path) -> VoiceSamples:
    """Read the samples of one voice."""
    with np.load(file) as arrays:
        return VoiceSamples(arrays["features"].astype(np.float64), arrays["statistics"].astype(np.float64))


def compute_deviations(centre: Floats, statistics: Floats) -> Floats:
    """Return the deviation of each row of `statistics` from `centre`, as the server defines it."""
    narrow, wide = centre.astype(np.float32), statistics.astype(np.float32)
    return np.stack([delta(narrow, row) for row in wide]).astype(np.float64)


def delta(base: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the difference of two log statistics: mean shifts in standard deviations of `base`, then log ratios."""
    mean, log_variance = np.split(base, 2)
    other_mean, other_log_variance = np.split(other, 2)
    return np.concatenate([(other_mean - mean) / np.exp(log_variance / 2), other_log_variance - log_variance])


def learn_map(voices: Sequence[VoiceSamples], scales: Floats) -> tuple[Floats, Floats]:
    """Return the two factors of the map: from features to `RANK` numbers, and from these to statistics."""
    features = np.concatenate([voice.centred_features for voice in voices]) / scales
    deviations = np.concatenate([voice.deviations for voice in voices])
    weights = np.linalg.solve(features @ features.T + RIDGE * np.eye(len(features)), deviations)
    fitted = features @ (features.T @ weights)
    _, _, directions = np.linalg.svd(fitted, full_matrices=False)
    outward = directions[:RANK]
    return (features.T @ (weights @ outward.T)) / scales[:, None], outward


def cross_validate(voices: Mapping[str, VoiceSamples], scales: Floats) -> float:
    """Return the share of the deviations' squares that the map does not predict in unseen utterances."""
    residual = total = 0.0
    for fold in range(FOLDS):
        inward, outward = learn_map([voice.without_fold(fold) for voice in voices.values()], scales)
        for voice in voices.values():
            training = voice.without_fold(fold)
            is_unseen = np.arange(len(voice.features)) % FOLDS == fold
            deviations = compute_deviations(training.centre, voice.statistics[is_unseen])
            features = voice.features[is_unseen] - training.features.mean(axis=0)
            residual += float(((features @ inward @ outward - deviations) ** 2).sum())
            total += float((deviations**2).sum())
    return residual / total


if __name__ == "__main__":
    main()
