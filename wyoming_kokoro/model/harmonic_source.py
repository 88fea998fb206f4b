"""The harmonic source of the vocoder: nine sines that follow the pitch.

The form is that of `SineGen` and `SourceModuleHnNSF` in hexgrad/kokoro `istftnet.py`, without noise, as in the ONNX
export. In the export, float rounding sets the phase of bins without energy. Here that phase is 0 on every machine and
in every window.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wyoming_kokoro.model.istft import FFT_SIZE, HANN, HOP_SAMPLES
from wyoming_kokoro.model.matrices import product
from wyoming_kokoro.types import SAMPLE_RATE, FloatArray

# The fundamental and eight overtones.
HARMONICS = 9
AMPLITUDE = 0.1
VOICED_ABOVE_HZ = 10.0
SAMPLES_PER_FRAME = 300
HOPS_PER_FRAME = SAMPLES_PER_FRAME // HOP_SAMPLES
# Bins below this magnitude get phase 0.
MIN_MAGNITUDE = 1e-5

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class HarmonicMix:
    """The mix of the sines to one signal: `tanh(sines @ weights + offset)`."""

    weights: npt.NDArray[np.float64]
    offset: float


class HarmonicSource:
    """The harmonic source of one utterance. Any part of it can be computed alone."""

    def __init__(self, pitch: FloatArray, mix: HarmonicMix) -> None:
        """Take `pitch` in Hz, one value for each frame of 12.5 ms."""
        self._mix = mix
        self._is_voiced = pitch > VOICED_ABOVE_HZ
        self._phases = _phases(pitch.astype(np.float64))
        self.frames = len(pitch)

    def spectrum(self, begin: int, end: int) -> FloatArray:
        """Return the magnitudes, then the phases, of frames `begin` to `end`: [1, 22, 60 * (end - begin)].

        The model has one more hop after its last frame. It is left out here.
        """
        # The window of a hop reaches 10 samples to each side. The utterance is mirrored at its ends.
        first, last = max(begin - 1, 0), min(end + 1, self.frames)
        signal = self._signal(first, last)
        before, after = FFT_SIZE // 2 if first == 0 else 0, FFT_SIZE // 2 if last == self.frames else 0
        signal = np.pad(signal, (before, after), mode="reflect")
        start = (begin - first) * SAMPLES_PER_FRAME + before - FFT_SIZE // 2
        count = (end - begin) * HOPS_PER_FRAME
        windows = np.lib.stride_tricks.sliding_window_view(signal[start:], FFT_SIZE)[::HOP_SAMPLES][:count]
        bins = np.fft.rfft(windows * HANN, axis=1).T
        magnitude = np.abs(bins)
        phase = np.where(magnitude > MIN_MAGNITUDE, np.angle(bins), 0.0)
        return np.concatenate([magnitude, phase])[None].astype(np.float32)

    def _signal(self, first: int, last: int) -> Floats:
        """Return the samples of frames `first` to `last`."""
        position = (np.arange(first * SAMPLES_PER_FRAME, last * SAMPLES_PER_FRAME) + 0.5) / SAMPLES_PER_FRAME
        position = np.clip(position - 0.5, 0, self.frames - 1)
        left = position.astype(np.intp)
        right = np.minimum(left + 1, self.frames - 1)
        fraction = (position - left)[:, None]
        angles = self._phases[left] * (1 - fraction) + self._phases[right] * fraction
        amplitude = AMPLITUDE * np.repeat(self._is_voiced[first:last], SAMPLES_PER_FRAME)
        sines = np.sin(angles) * amplitude[:, None]
        return np.asarray(np.tanh(product(sines, self._mix.weights) + self._mix.offset))


def _phases(pitch: Floats) -> Floats:
    """Return the phase in radians of each harmonic at the middle of each frame: [frames, 9]."""
    # Without the whole turns of each step, interpolation between frames gives the same phases as in the model.
    turns = (pitch[:, None] * np.arange(1, HARMONICS + 1) / SAMPLE_RATE) % 1.0
    return np.asarray(np.cumsum(turns, axis=0) * (2 * np.pi * SAMPLES_PER_FRAME))
