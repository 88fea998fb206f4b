"""Features of an utterance that predict its AdaIN statistics before the vocoder runs.

The decoder has finished the utterance by then. The vocoder's first layers are linear and LeakyReLU layers over the
decoder's frames, so the mean and the power of each channel, before and after the LeakyReLU, describe most of the input
of the first AdaIN.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
# The slope below zero of the vocoder's LeakyReLU.
LEAKY_SLOPE = 0.1
# Keeps the logarithm of a silent channel finite.
MIN_POWER = 1e-6
FEATURE_COUNT = 4 * 512 + 4


def extract_features(frames: FloatArray, pitch: FloatArray) -> FloatArray:
    """Return `FEATURE_COUNT` features of an utterance with `frames` [512, n] and `pitch` [n] in Hz."""
    leaky = np.where(frames > 0, frames, LEAKY_SLOPE * frames)
    pooled = [part for values in (frames, leaky) for part in (values.mean(axis=1), _log_power(values))]
    return np.concatenate([*pooled, _pitch_features(pitch)]).astype(np.float32)


def _log_power(values: FloatArray) -> FloatArray:
    return np.asarray(np.log((values**2).mean(axis=1) + MIN_POWER))


def _pitch_features(pitch: FloatArray) -> npt.NDArray[np.float64]:
    """Return the voiced share, the mean and the spread of the voiced log pitch, and the log length."""
    voiced = np.log(pitch[pitch > 10.0].astype(np.float64)) if (pitch > 10.0).any() else np.zeros(1)
    return np.array([(pitch > 10.0).mean(), voiced.mean(), voiced.std(), np.log(len(pitch))])
