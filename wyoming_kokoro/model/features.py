"""What of an utterance tells its AdaIN statistics before the vocoder has run.

The decoder has decoded the whole utterance by then, and the vocoder's first layers are linear and leaky in its frames:
how loud each channel is, before and behind the leak, says most of what the first AdaIN sees.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
LEAKY_SLOPE = 0.1
"""The slope below zero of the vocoder's LeakyReLU."""
MIN_POWER = 1e-6
FEATURE_COUNT = 4 * 512 + 4


def extract_features(frames: FloatArray, pitch: FloatArray) -> FloatArray:
    """Return `COUNT` numbers about an utterance of `frames` [512, n] with `pitch` [n] in Hz."""
    leaky = np.where(frames > 0, frames, LEAKY_SLOPE * frames)
    pooled = [part for values in (frames, leaky) for part in (values.mean(axis=1), _loudness(values))]
    return np.concatenate([*pooled, _melody(pitch)]).astype(np.float32)


def _loudness(values: FloatArray) -> FloatArray:
    return np.asarray(np.log((values**2).mean(axis=1) + MIN_POWER))


def _melody(pitch: FloatArray) -> npt.NDArray[np.float64]:
    """Return the voiced share, the mean and the spread of the voiced log pitch, and the log length."""
    voiced = np.log(pitch[pitch > 10.0].astype(np.float64)) if (pitch > 10.0).any() else np.zeros(1)
    return np.array([(pitch > 10.0).mean(), voiced.mean(), voiced.std(), np.log(len(pitch))])
