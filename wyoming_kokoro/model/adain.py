"""The scale and shift that replace the vocoder's AdaIN when an utterance's statistics are known."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from wyoming_kokoro.model.matrices import product
from wyoming_kokoro.types import FloatArray

AFFINE_FILE = "affine.npz"
# The epsilon of the model's instance normalization.
EPSILON = 1e-5
# The first 128 numbers of a style set the timbre, the rest set the prosody.
TIMBRE_WIDTH = 128


@dataclass(frozen=True, slots=True)
class AdaInAffine:
    """The gains and biases of all AdaIN sites, as linear functions of the timbre.

    C is the number of channels of all sites.
    """

    weights: FloatArray
    """[128, 2C], gains before biases."""
    constants: FloatArray
    """[2C], gains before biases."""
    sources: npt.NDArray[np.int64]
    """[C]: the index of each channel's mean and variance. Parallel sites share their statistics."""

    @classmethod
    def read(cls, folder: Path) -> AdaInAffine:
        """Read the file of a prepared model. Raises `OSError`."""
        with np.load(folder / AFFINE_FILE) as arrays:
            return cls(**arrays)

    def write(self, folder: Path) -> None:
        """Write the file of a prepared model."""
        np.savez(folder / AFFINE_FILE, **asdict(self))

    def feeds(self, timbre: FloatArray, mean: FloatArray, variance: FloatArray) -> dict[str, FloatArray]:
        """Return the vocoder's inputs `scale` and `shift`, each [1, C, 1, 1].

        `timbre` has 128 numbers. `mean` and `variance` have one number for each channel of the distinct sites.
        """
        gain, bias = np.split(product(timbre, self.weights) + self.constants, 2)
        scale = gain / np.sqrt(variance[self.sources] + EPSILON)
        shift = bias - mean[self.sources] * scale
        return {
            name: np.asarray(values, dtype=np.float32).reshape(1, -1, 1, 1)
            for name, values in (("scale", scale), ("shift", shift))
        }
