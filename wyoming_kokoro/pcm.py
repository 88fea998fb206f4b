"""16-bit samples: conversion, silence, gain, and the edges of segments."""

from __future__ import annotations

import numpy as np

from wyoming_kokoro.types import SAMPLE_RATE, Pcm, Samples

FULL_SCALE = 32_767
FADE_SAMPLES = SAMPLE_RATE * 3 // 1000
"""3 ms: removes the click of a cut, too short to be heard as a fade."""


def to_pcm(samples: Samples) -> Pcm:
    """Return `samples` as 16-bit integers; what exceeds full scale is limited."""
    return np.asarray(np.rint(np.clip(samples, -1.0, 1.0) * FULL_SCALE), dtype=np.int16)


def silence(milliseconds: float) -> Pcm:
    """Return so much silence."""
    return np.zeros(round(SAMPLE_RATE * milliseconds / 1000), dtype=np.int16)


def amplify(pcm: Pcm, gain: float) -> Pcm:
    """Return `pcm` times `gain`; what exceeds full scale is limited."""
    if gain == 1.0:
        return pcm
    return np.asarray(np.rint(np.clip(pcm * gain, -FULL_SCALE, FULL_SCALE)), dtype=np.int16)


def seconds(pcm: Pcm) -> float:
    """Return how long `pcm` plays."""
    return len(pcm) / SAMPLE_RATE


class SegmentFade:
    """Fades a segment in at its first sample and out at its last, while its chunks pass through.

    The last `FADE_SAMPLES` are held back until it is known whether they are the end.
    """

    def __init__(self) -> None:
        self._rise = _RAMP
        self._held = silence(0)

    def feed(self, chunk: Pcm) -> Pcm:
        """Return what may leave now that `chunk` has come."""
        begin = _scaled(chunk[: len(self._rise)], self._rise[: len(chunk)])
        joined = np.concatenate([self._held, begin, chunk[len(begin) :]])
        self._rise = self._rise[len(begin) :]
        keep = max(0, len(joined) - FADE_SAMPLES)
        self._held = joined[keep:]
        return joined[:keep]

    def finish(self) -> Pcm:
        """Return the faded end of the segment."""
        return _scaled(self._held, _RAMP[: len(self._held)][::-1])


_RAMP = np.linspace(0.0, 1.0, FADE_SAMPLES, endpoint=False, dtype=np.float32)


def _scaled(pcm: Pcm, factors: Samples) -> Pcm:
    return np.asarray(np.rint(pcm * factors), dtype=np.int16)
