"""The harmonic source: nine sines that follow the pitch, as the vocoder wants them.

Source of the form: hexgrad/kokoro `istftnet.py`, `SineGen` and `SourceModuleHnNSF`, without their noise, as in
the ONNX export. The export lets float rounding decide the phase of bins that hold nothing; here it is 0, on every
machine and in every window.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wyoming_kokoro.types import SAMPLE_RATE

HARMONICS = 9
AMPLITUDE = 0.1
VOICED_ABOVE_HZ = 10.0
SAMPLES_PER_FRAME = 300
HOP, WINDOW = 5, 20
HOPS_PER_FRAME = SAMPLES_PER_FRAME // HOP
SILENCE_LEVEL = 1e-5
"""Magnitudes below this have no phase of their own."""

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class HarmonicMix:
    """How the sines become one signal: `tanh(sines @ weights + offset)`."""

    weights: npt.NDArray[np.float64]
    offset: float


class HarmonicSource:
    """The source of one utterance; any stretch of it can be asked for."""

    def __init__(self, pitch: npt.NDArray[np.float32], mixture: HarmonicMix) -> None:
        """`pitch` in Hz, one value a frame of 12.5 ms."""
        self._mixture = mixture
        self._voiced = pitch > VOICED_ABOVE_HZ
        self._phases = _phases(pitch.astype(np.float64))
        self.frames = len(pitch)

    def spectrum(self, begin: int, end: int) -> npt.NDArray[np.float32]:
        """Return frames `begin` to `end`, shape [1, 22, 60 * (end - begin)]: magnitudes, then phases.

        The last hop of the whole utterance, which the model decodes beyond its last frame, is left out.
        """
        # A hop's window reaches 10 samples to either side, beyond which the utterance is mirrored.
        first, last = max(begin - 1, 0), min(end + 1, self.frames)
        signal = self._signal(first, last)
        before, after = WINDOW // 2 if first == 0 else 0, WINDOW // 2 if last == self.frames else 0
        signal = np.pad(signal, (before, after), mode="reflect")
        start = (begin - first) * SAMPLES_PER_FRAME + before - WINDOW // 2
        count = (end - begin) * HOPS_PER_FRAME
        windows = np.lib.stride_tricks.sliding_window_view(signal[start:], WINDOW)[::HOP][:count]
        bins = np.fft.rfft(windows * _HANN, axis=1).T
        magnitude = np.abs(bins)
        phase = np.where(magnitude > SILENCE_LEVEL, np.angle(bins), 0.0)
        return np.concatenate([magnitude, phase])[None].astype(np.float32)

    def _signal(self, first: int, last: int) -> Floats:
        """Return the samples of frames `first` to `last`."""
        position = (np.arange(first * SAMPLES_PER_FRAME, last * SAMPLES_PER_FRAME) + 0.5) / SAMPLES_PER_FRAME
        position = np.clip(position - 0.5, 0, self.frames - 1)
        left = position.astype(np.intp)
        right = np.minimum(left + 1, self.frames - 1)
        part = (position - left)[:, None]
        angles = self._phases[left] * (1 - part) + self._phases[right] * part
        loud = AMPLITUDE * np.repeat(self._voiced[first:last], SAMPLES_PER_FRAME)
        sines = np.sin(angles) * loud[:, None]
        return np.asarray(np.tanh(sines @ self._mixture.weights + self._mixture.offset))


_HANN = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)


def _phases(pitch: Floats) -> Floats:
    """Return the phase of every harmonic at the middle of every frame, in radians: shape [frames, 9].

    Whole turns are left out of every step, so that interpolating between frames turns as the model does.
    """
    turns = (pitch[:, None] * np.arange(1, HARMONICS + 1) / SAMPLE_RATE) % 1.0
    return np.asarray(np.cumsum(turns, axis=0) * (2 * np.pi * SAMPLES_PER_FRAME))
