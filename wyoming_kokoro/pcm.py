"""16-bit samples: conversion, silence, gain, and the fades of segments."""

from __future__ import annotations

import numpy as np

from wyoming_kokoro.types import SAMPLE_RATE, Pcm, Samples

FULL_SCALE = 32_767
# 3 ms: removes the click of a cut, but is too short to be heard as a fade.
FADE_SAMPLES = SAMPLE_RATE * 3 // 1000


def to_pcm(samples: Samples) -> Pcm:
    """Return `samples` as 16-bit integers, clipped at full scale."""
    return np.asarray(np.rint(np.clip(samples, -1.0, 1.0) * FULL_SCALE), dtype=np.int16)


def silence(milliseconds: float) -> Pcm:
    """Return silence of this length."""
    return np.zeros(round(SAMPLE_RATE * milliseconds / 1000), dtype=np.int16)


def amplify(pcm: Pcm, gain: float) -> Pcm:
    """Return `pcm` times `gain`, clipped at full scale."""
    if gain == 1.0:
        return pcm
    return np.asarray(np.rint(np.clip(pcm * gain, -FULL_SCALE, FULL_SCALE)), dtype=np.int16)


def seconds(pcm: Pcm) -> float:
    """Return the duration of `pcm`."""
    return len(pcm) / SAMPLE_RATE


class RecordingFade:
    """Fades in the start and fades out the end of a recording that arrives in chunks.

    Holds back the last `FADE_SAMPLES`, because any chunk may be the last one.
    """

    def __init__(self) -> None:
        self._fade_in = _RAMP
        self._held = silence(0)

    def feed(self, chunk: Pcm) -> Pcm:
        """Add `chunk` and return the samples before the held ones."""
        faded = _scaled(chunk[: len(self._fade_in)], self._fade_in[: len(chunk)])
        self._fade_in = self._fade_in[len(faded) :]
        pcm = np.concatenate([self._held, faded, chunk[len(faded) :]])
        end = max(0, len(pcm) - FADE_SAMPLES)
        self._held = pcm[end:]
        return pcm[:end]

    def finish(self) -> Pcm:
        """Return the faded end of the recording."""
        return _scaled(self._held, _RAMP[: len(self._held)][::-1])


_RAMP = np.linspace(0.0, 1.0, FADE_SAMPLES, endpoint=False, dtype=np.float32)


def _scaled(pcm: Pcm, factors: Samples) -> Pcm:
    return np.asarray(np.rint(pcm * factors), dtype=np.int16)
