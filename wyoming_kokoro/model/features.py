"""Features of an utterance that predict its AdaIN statistics before the vocoder runs.

The decoder has finished the utterance by then. The vocoder's first layers are linear and LeakyReLU layers over the
decoder's frames, so the mean and the power of each channel, before and after the LeakyReLU, describe most of the input
of the first AdaIN.
"""

from __future__ import annotations

import numpy as np

from wyoming_kokoro.model.harmonic_source import VOICED_ABOVE_HZ
from wyoming_kokoro.types import FloatArray

# The slope below zero of the vocoder's LeakyReLU.
LEAKY_SLOPE = 0.1
# Keeps the logarithm of a silent channel finite.
MIN_POWER = 1e-6
FEATURE_COUNT = 4 * 512 + 4


def extract_features(frames: FloatArray, pitch: FloatArray) -> FloatArray:
    """Return `FEATURE_COUNT` features of an utterance with `frames` [512, n] and `pitch` [n] in Hz."""
    leaky = np.where(frames > 0, frames, LEAKY_SLOPE * frames)
    pooled = [
        part
        for values in (frames, leaky)
        for part in (values.mean(axis=1), np.log((values**2).mean(axis=1) + MIN_POWER))
    ]
    is_voiced = pitch > VOICED_ABOVE_HZ
    log_pitch = np.log(pitch[is_voiced].astype(np.float64)) if is_voiced.any() else np.zeros(1)
    shape = [is_voiced.mean(), log_pitch.mean(), log_pitch.std(), np.log(len(pitch))]
    return np.concatenate([*pooled, shape]).astype(np.float32)
