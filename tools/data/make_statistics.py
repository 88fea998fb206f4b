"""Make wyoming_kokoro/data/statistics.npz from what `collect_statistics.py` heard: `... RAW`.

Learns one map for all voices, by ridge regression around each voice's own centre, and keeps its strongest
directions. Prints how much of the departures it explains in utterances that it has not seen.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from wyoming_kokoro.model.statistics import departed

TARGET = Path(__file__).parents[2] / "wyoming_kokoro" / "data" / "statistics.npz"
RANK = 64
RIDGE = 200.0
FOLDS = 5
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Heard:
    """One voice: features and statistics of its utterances, and their centres."""

    features: Floats
    statistics: Floats

    @property
    def centre(self) -> Floats:
        """What is average of the statistics."""
        return np.asarray(self.statistics.mean(axis=0))

    @property
    def centred(self) -> Floats:
        """Features around their average."""
        return np.asarray(self.features - self.features.mean(axis=0))

    @property
    def departures(self) -> Floats:
        """Statistics around their average."""
        return departures(self.centre, self.statistics)

    def without(self, fold: int) -> Heard:
        """Return what was heard but for every `FOLDS`-th utterance."""
        kept = np.arange(len(self.features)) % FOLDS != fold
        return Heard(self.features[kept], self.statistics[kept])


def main() -> None:
    """Learn, tell how well, write the file."""
    heard = {file.stem: read(file) for file in sorted(Path(sys.argv[1]).glob("*.npz"))}
    scales = np.concatenate([voice.centred for voice in heard.values()]).std(axis=0) + 1e-3
    print(f"unexplained of unseen utterances: {unexplained(heard, scales):.3f}")
    inward, outward = learned(list(heard.values()), scales)
    np.savez(
        TARGET,
        names=np.array(list(heard)),
        features=np.stack([voice.features.mean(axis=0) for voice in heard.values()]).astype(np.float16),
        standing=np.stack([voice.centre for voice in heard.values()]).astype(np.float16),
        inward=inward.astype(np.float16),
        outward=outward.astype(np.float16),
    )
    print(f"{len(heard)} voices, {TARGET.stat().st_size / 1e6:.2f} MB in {TARGET}")


def read(file: Path) -> Heard:
    """Return what was heard of one voice."""
    with np.load(file) as arrays:
        return Heard(arrays["features"].astype(np.float64), arrays["statistics"].astype(np.float64))


def departures(centre: Floats, stood: Floats) -> Floats:
    """Return by how much each of the statistics has moved from the centre."""
    narrow, wide = centre.astype(np.float32), stood.astype(np.float32)
    return np.stack([departed(narrow, one) for one in wide]).astype(np.float64)


def learned(heard: Sequence[Heard], scales: Floats) -> tuple[Floats, Floats]:
    """Return the two factors of the map: features to rank, rank to statistics."""
    told = np.concatenate([voice.centred for voice in heard]) / scales
    moved = np.concatenate([voice.departures for voice in heard])
    answers = np.linalg.solve(told @ told.T + RIDGE * np.eye(len(told)), moved)
    fitted = told @ (told.T @ answers)
    _, _, directions = np.linalg.svd(fitted, full_matrices=False)
    outward = directions[:RANK]
    return (told.T @ (answers @ outward.T)) / scales[:, None], outward


def unexplained(heard: Mapping[str, Heard], scales: Floats) -> float:
    """Return the share of the departures' squares that the map does not foresee in what it was not taught."""
    left = whole = 0.0
    for fold in range(FOLDS):
        inward, outward = learned([voice.without(fold) for voice in heard.values()], scales)
        for voice in heard.values():
            taught = voice.without(fold)
            unseen = np.arange(len(voice.features)) % FOLDS == fold
            moved = departures(taught.centre, voice.statistics[unseen])
            told = voice.features[unseen] - taught.features.mean(axis=0)
            left += float(((told @ inward @ outward - moved) ** 2).sum())
            whole += float((moved**2).sum())
    return left / whole


if __name__ == "__main__":
    main()
