"""Measures loudness as ITU-R BS.1770-4 does."""

from __future__ import annotations

import math

import numpy as np

from wyoming_kokoro.types import SAMPLE_RATE, Array, Samples

BLOCK_SAMPLES = SAMPLE_RATE * 400 // 1000
HOP_SAMPLES = SAMPLE_RATE * 100 // 1000
# Quieter blocks do not count: in LUFS, and in LU below the mean of the others.
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = 10.0
# Makes a 997 Hz sine at full scale -3.01 LUFS.
OFFSET_LUFS = -0.691
# The K-weighting filters of the standard: numerator and denominator at 48 kHz.
K_WEIGHTING_RATE = 48_000
K_WEIGHTING = (
    ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585)),
    ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)),
)


def measure_loudness(samples: Samples) -> float:
    """Return the integrated loudness in LUFS; minus infinity for silence.

    Less than 400 ms is measured as if silence followed.
    """
    padded = np.pad(samples.astype(np.float64), (0, max(0, BLOCK_SAMPLES - len(samples))))
    weighted = np.fft.irfft(np.fft.rfft(padded) * _k_weighting(len(padded)), len(padded))
    energy = np.concatenate([[0.0], np.cumsum(weighted**2)])
    starts = np.arange(0, len(padded) - BLOCK_SAMPLES + 1, HOP_SAMPLES)
    powers = (energy[starts + BLOCK_SAMPLES] - energy[starts]) / BLOCK_SAMPLES
    powers = powers[powers > _power(ABSOLUTE_GATE_LUFS)]
    if not len(powers):
        return -math.inf
    powers = powers[powers > powers.mean() / 10 ** (RELATIVE_GATE_LU / 10)]
    return OFFSET_LUFS + 10 * math.log10(powers.mean())


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - OFFSET_LUFS) / 10))


def _k_weighting(length: int) -> Array:
    """Return the gain of each frequency of `rfft` for `length` samples."""
    # The response of the filters at 48 kHz, which the standard defines, serves any rate: only its frequencies matter.
    delay = np.exp(-2j * np.pi * np.fft.rfftfreq(length, 1 / SAMPLE_RATE) / K_WEIGHTING_RATE)
    gain = np.ones(len(delay))
    for numerator, denominator in K_WEIGHTING:
        gain *= np.abs(np.polyval(numerator[::-1], delay) / np.polyval(denominator[::-1], delay))
    return gain
