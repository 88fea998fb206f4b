"""The inverse short-time Fourier transform, from the vocoder's spectrum to samples."""

from __future__ import annotations

import numpy as np

from wyoming_kokoro.errors import SynthesisFailed
from wyoming_kokoro.types import FloatArray, Samples

HOP_SAMPLES, FFT_SIZE, BINS = 5, 20, 11
# Samples at full scale have 2.3 at most. Wrong products of bytes made 3,600 (onnxruntime 1.23.2 with AMX).
MAX_LOG_MAGNITUDE = 10.0
OVERLAP = FFT_SIZE // HOP_SAMPLES
HANN = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FFT_SIZE) / FFT_SIZE)
# The squares of overlapping Hann windows add up to 1.5 everywhere except at the ends of an utterance.
_SYNTHESIS_WINDOW = HANN / 1.5


class InverseStft:
    """Converts a spectrum that arrives in parts to samples, 5 for each hop.

    The spectrum has log magnitudes and the sines of phases, as in hexgrad/kokoro `istftnet.py`, `Generator.forward`.
    """

    def __init__(self) -> None:
        self._tail = np.zeros((OVERLAP - 1, OVERLAP, HOP_SAMPLES), dtype=np.float32)
        # The window of hop 0 is centered on sample 0, so its first half is not part of the utterance.
        self._skip = FFT_SIZE // 2 // HOP_SAMPLES

    def feed(self, spectrum: FloatArray) -> Samples:
        """Return the samples that `spectrum` [22, hops] completes.

        Raises `SynthesisFailed` if it is far too loud for speech.
        """
        loudest = spectrum[:BINS].max(initial=0.0)
        if not loudest < MAX_LOG_MAGNITUDE:
            raise SynthesisFailed(f"the model computed noise (log magnitude {loudest:.0f}); update onnxruntime")
        magnitude, angle = np.exp(spectrum[:BINS]), np.sin(spectrum[BINS:])
        windows = np.fft.irfft((magnitude * np.exp(1j * angle)).T, n=FFT_SIZE) * _SYNTHESIS_WINDOW
        hops = np.concatenate([self._tail, windows.astype(np.float32).reshape(-1, OVERLAP, HOP_SAMPLES)])
        first = OVERLAP - 1
        count = len(hops) - first
        self._tail = hops[count:]
        parts = [hops[first - part : first - part + count, part] for part in range(OVERLAP)]
        skipped = min(self._skip, count)
        self._skip -= skipped
        return np.asarray(np.sum(parts, axis=0)[skipped:].ravel(), dtype=np.float32)
