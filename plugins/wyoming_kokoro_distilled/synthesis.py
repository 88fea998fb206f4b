"""Turns the spectral maps of a distilled voice into samples, window by window.

Each frame of 12.5 ms has the spectrum

    exp(lh) * exp(i * pi * tanh(theta)) * P  +  exp(ln) * Z  +  exp(lr) * exp(i * phi)

P is the spectrum of a pulse train with the pitch F0, and Z is complex Gaussian noise. An inverse short-time Fourier
transform makes samples of the frames. The result does not depend on how the frames are divided into windows.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from wyoming_kokoro import SAMPLE_RATE, Samples

FloatArray = npt.NDArray[np.float32]
ComplexArray = npt.NDArray[np.complex64]

HOP = 300
FFT_SIZE = 1200
BINS = FFT_SIZE // 2 + 1
MAP_NAMES = ("lh", "theta", "ln", "lr", "phi")

# The pulse train of the training: harmonics up to 11 kHz, and no pulses below 40 Hz.
MAX_HARMONIC_HZ = 11_000.0
MIN_F0_HZ = 40.0
# The upper limit of logarithmic magnitudes in training.
MAX_LOG_MAGNITUDE = 7.0
# The sum of the squared Hann windows that overlap at a sample.
OVERLAP_GAIN = 1.5
NOISE_TABLE_SIZE = 1 << 16

_HALF = FFT_SIZE // 2
_OVERLAP = FFT_SIZE // HOP


class PulseTrain:
    """Generates all harmonics of F0 at unit amplitude, from the first sample of the first frame on."""

    def __init__(self, f0: FloatArray) -> None:
        """`f0` has one value in Hz for each frame; values below `MIN_F0_HZ` are unvoiced."""
        # The value of a frame holds at its centre. Values between two centres are interpolated.
        self._f0 = np.pad(f0.astype(np.float32), 1, mode="edge")
        self._frame_count = len(f0)
        self._frame = 0
        self._cycles = 0.0
        self._weights = ((np.arange(HOP, dtype=np.float32) + 0.5) / HOP)[None]

    def take(self, frame_count: int) -> Samples:
        """Return the samples of the next `frame_count` frames. After the last frame, they are zero."""
        begin, end = self._frame, min(self._frame + frame_count, self._frame_count)
        self._frame += frame_count
        if end <= begin:
            return np.zeros(frame_count * HOP, dtype=np.float32)
        f0 = self._interpolate(begin, end)
        samples = _pulses(f0, self._count_cycles(np.maximum(f0, MIN_F0_HZ)))
        return np.pad(samples.ravel(), (0, frame_count * HOP - samples.size))

    def _interpolate(self, begin: int, end: int) -> FloatArray:
        """Return F0 at each sample of the frames [frames, 300]."""
        # These are the samples between the centres of the frames `begin - 1` and `end`, without the outer halves.
        centres = self._f0[begin : end + 2, None]
        between = centres[:-1] + (centres[1:] - centres[:-1]) * self._weights
        return between.ravel()[HOP // 2 : -HOP // 2].reshape(-1, HOP).astype(np.float32, copy=False)

    def _count_cycles(self, f0: FloatArray) -> FloatArray:
        """Return the phase at each sample in cycles, without the whole cycles before its frame."""
        cycles = np.cumsum(f0 / np.float32(SAMPLE_RATE), axis=1, dtype=np.float32)
        # The frames are added one by one in double precision. The result does not depend on the calls.
        starts = np.cumsum(np.concatenate([[self._cycles], cycles[:, -1]], dtype=np.float64))
        self._cycles = float(starts[-1])
        return cycles + (starts[:-1] % 1).astype(np.float32)[:, None]


class SpectralSynthesis:
    """The constants of all utterances."""

    def __init__(self) -> None:
        angles = 2 * np.pi * np.arange(FFT_SIZE) / FFT_SIZE
        window = 0.5 - 0.5 * np.cos(angles)
        # A harmonic of amplitude 1 has a peak of 1 in the spectrum of a frame.
        self.pulse_window = (window / (FFT_SIZE / 4)).astype(np.float32)
        self.output_window = (window / OVERLAP_GAIN).astype(np.float32)
        # A frame takes a random part of a table: new Gaussian numbers would be a third of the whole work.
        numbers = np.random.default_rng(0).standard_normal((NOISE_TABLE_SIZE, 2), dtype=np.float32)
        self.noise_table = np.lib.stride_tricks.sliding_window_view(numbers.view(np.complex64).ravel(), BINS)

    def start(self, f0: FloatArray, seed: int) -> SpectralSynthesizer:
        """Return a synthesizer for one utterance. `f0` has one value in Hz for each frame; `seed` sets the noise."""
        return SpectralSynthesizer(self, f0, seed)


class SpectralSynthesizer:
    """Makes the samples of one utterance from its spectral maps.

    The samples of a frame are complete two frames later. The first and the last two frames of an utterance fade.
    """

    def __init__(self, constants: SpectralSynthesis, f0: FloatArray, seed: int) -> None:
        self._constants = constants
        self._pulse_train = PulseTrain(f0)
        # Frame k reads the samples from 300 k - 600 to 300 k + 600.
        self._pulses = np.zeros(_HALF, dtype=np.float32)
        generator = np.random.default_rng(seed)
        self._noise_offsets = generator.integers(len(constants.noise_table), size=len(f0))
        self._frame = 0
        self._tail = np.zeros((_OVERLAP - 1, HOP), dtype=np.float32)
        # The samples before the first frame are not part of the utterance.
        self._surplus = _HALF

    def feed(self, maps: FloatArray) -> Samples:
        """Return the samples that are complete after `maps`, the next frames [count, 5 * 601]."""
        count = len(maps)
        frames = np.fft.irfft(self._spectrum(maps), FFT_SIZE, axis=1)
        frames *= self._constants.output_window
        blocks = frames.reshape(count, _OVERLAP, HOP)
        sums = np.zeros((count + _OVERLAP - 1, HOP), dtype=np.float32)
        sums[: _OVERLAP - 1] = self._tail
        for offset in range(_OVERLAP):
            sums[offset : offset + count] += blocks[:, offset]
        self._tail = sums[count:].copy()
        return self._without_surplus(sums[:count].ravel())

    def finish(self) -> Samples:
        """Return the samples that are left after the last frame."""
        return self._without_surplus(self._tail[: _HALF // HOP].ravel())

    def _without_surplus(self, samples: Samples) -> Samples:
        skipped = min(self._surplus, len(samples))
        self._surplus -= skipped
        return samples[skipped:]

    def _spectrum(self, maps: FloatArray) -> ComplexArray:
        """Return the spectra of the next frames [count, 601]."""
        count = len(maps)
        lh, theta, ln, lr, phi = maps.reshape(count, len(MAP_NAMES), BINS).swapaxes(0, 1)
        spectrum = _polar(lh, np.tanh(theta) * np.float32(np.pi))
        spectrum *= self._pulse_spectrum(count)
        spectrum += _polar(lr, phi)
        noise = self._constants.noise_table[self._noise_offsets[self._frame : self._frame + count]]
        noise *= _magnitude(ln)
        spectrum += noise
        self._frame += count
        return spectrum

    def _pulse_spectrum(self, count: int) -> ComplexArray:
        missing = (count - 1) * HOP + FFT_SIZE - len(self._pulses)
        pulses = np.concatenate([self._pulses, self._pulse_train.take(missing // HOP)])
        self._pulses = pulses[count * HOP :]
        frames = np.lib.stride_tricks.sliding_window_view(pulses, FFT_SIZE)[::HOP]
        return np.fft.rfft(frames * self._constants.pulse_window, axis=1).astype(np.complex64, copy=False)


def _pulses(f0: FloatArray, cycles: FloatArray) -> Samples:
    """Return the sum of all audible harmonics, given F0 and the phase at each sample."""
    half_phase = (cycles - np.floor(cycles)) * np.float32(np.pi)
    # 1/2 + cos(x) + ... + cos(n * x) = sin((n + 1/2) * x) / (2 * sin(x / 2))
    odd = 2 * np.floor(MAX_HARMONIC_HZ / np.maximum(f0, MIN_F0_HZ)) + 1
    denominator = 2 * np.sin(half_phase)
    # Near a pulse, both sines vanish and their ratio tends to `odd`.
    is_peak = np.abs(denominator) < 1e-3
    denominator[is_peak] = 1
    pulses: Samples = np.sin(odd * half_phase) / denominator
    pulses[is_peak] = odd[is_peak] / 2
    pulses -= np.float32(0.5)
    pulses[f0 <= MIN_F0_HZ] = 0
    return pulses


def _magnitude(logarithm: FloatArray) -> FloatArray:
    magnitude: FloatArray = np.exp(np.minimum(logarithm, np.float32(MAX_LOG_MAGNITUDE)), dtype=np.float32)
    return magnitude


def _polar(logarithm: FloatArray, angle: FloatArray) -> ComplexArray:
    """Return complex numbers with the magnitudes exp(`logarithm`) and the angles."""
    result = np.empty(angle.shape, dtype=np.complex64)
    np.cos(angle, out=result.real)
    np.sin(angle, out=result.imag)
    result *= _magnitude(logarithm)
    return result
