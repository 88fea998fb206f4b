"""From the vocoder's spectrum to samples: the inverse short-time Fourier transform, hop by hop."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from wyoming_kokoro.types import Samples

HOP, WINDOW, BINS = 5, 20, 11
OVERLAP = WINDOW // HOP


class InverseStft:
    """Turns a spectrum that comes in stretches into samples, 5 a hop.

    Source of the form (log magnitude; phase as a sine): hexgrad/kokoro `istftnet.py`, `Generator.forward`.
    """

    def __init__(self) -> None:
        self._tail = np.zeros((OVERLAP - 1, OVERLAP, HOP), dtype=np.float32)
        self._skip = WINDOW // 2 // HOP  # the window of hop 0 is centred on sample 0

    def feed(self, spectrum: npt.NDArray[np.float32]) -> Samples:
        """Return what is complete with these hops. `spectrum` has the shape [22, hops]."""
        magnitude, angle = np.exp(spectrum[:BINS]), np.sin(spectrum[BINS:])
        windows = np.fft.irfft((magnitude * np.exp(1j * angle)).T, n=WINDOW) * _SYNTHESIS
        pieces = np.concatenate([self._tail, windows.astype(np.float32).reshape(-1, OVERLAP, HOP)])
        self._tail = pieces[len(pieces) - (OVERLAP - 1) :]
        count = len(pieces) - (OVERLAP - 1)
        first = OVERLAP - 1
        parts = [pieces[first - part : first - part + count, part] for part in range(OVERLAP)]
        skipped = min(self._skip, count)
        self._skip -= skipped
        return np.asarray(np.sum(parts, axis=0)[skipped:].ravel(), dtype=np.float32)


_SYNTHESIS = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)) / 1.5
"""A Hann window over the sum of its overlapping squares: 1.5 everywhere but at an utterance's ends."""
