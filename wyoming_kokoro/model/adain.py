"""What a voice and the statistics of an utterance make of the vocoder's AdaIN: one scale and shift a channel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]
AFFINE_FILE = "affine.npz"
EPSILON = 1e-5
TIMBRE_WIDTH = 128
"""The first half of a style colours the sound."""


class AdaInAffine:
    """Gains and biases of all AdaIN sites, which are linear in the timbre."""

    def __init__(self, weights: npt.NDArray[np.float32], constants: Vector, sources: npt.NDArray[np.int64]) -> None:
        """`weights` [128, 2C] and `constants` [2C]: gains, then biases; `sources` [C]: whose statistics each uses."""
        self._weights = weights
        self._constants = constants
        self._sources = sources

    @classmethod
    def read(cls, folder: Path) -> AdaInAffine:
        """Read what preparation wrote. Raises `OSError`."""
        with np.load(folder / AFFINE_FILE) as arrays:
            return cls(arrays["weights"], arrays["constants"], arrays["sources"])

    def write(self, folder: Path) -> None:
        """Write the weights."""
        np.savez(folder / AFFINE_FILE, weights=self._weights, constants=self._constants, sources=self._sources)

    def feeds(self, timbre: Vector, mean: Vector, variance: Vector) -> dict[str, npt.NDArray[np.float32]]:
        """Return the vocoder's inputs `scale` and `shift`, each [1, C, 1, 1].

        `timbre` has 128 numbers; `mean` and `variance` one for each channel of the distinct sites.
        """
        gain, bias = np.split(timbre @ self._weights + self._constants, 2)
        scale = gain / np.sqrt(variance[self._sources] + EPSILON)
        shift = bias - mean[self._sources] * scale
        return {
            name: np.asarray(values, dtype=np.float32).reshape(1, -1, 1, 1)
            for name, values in (("scale", scale), ("shift", shift))
        }
