"""16-bit samples: conversion, silence, gain, the fades of segments, and FLAC."""

from __future__ import annotations

import io
from itertools import pairwise

import numpy as np

from wyoming_kokoro.types import SAMPLE_RATE, Array, Pcm, Samples

FULL_SCALE = 32_767
# 5 ms, in which the level of a sound is measured.
LEVEL_HOP = SAMPLE_RATE // 200
# The RMS level of silence: 50 dB below the loudest parts of a voice, and below its softest onset.
MAX_SILENCE_LEVEL = 10 ** (-50 / 20) * 0.35
# The closure of a plosive is shorter.
MIN_PAUSE_SECONDS = 0.1
# 3 ms: removes the click of a cut, but is too short to be heard as a fade.
FADE_SAMPLES = SAMPLE_RATE * 3 // 1000
# The smallest files. Encoding takes 5 ms for a second of speech; decoding is equally fast at all levels.
FLAC_COMPRESSION_LEVEL = 1.0


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


def find_pauses(pcm: Pcm, stretch: float = 1.0) -> list[tuple[float, float]]:
    """Return the begin and the end, in seconds, of each silence of at least `MIN_PAUSE_SECONDS` between two sounds.

    All times are those before `pcm` was made `stretch` times as long.
    """
    loud = loud_hops(pcm[: len(pcm) // LEVEL_HOP * LEVEL_HOP].astype(np.float32) / np.float32(FULL_SCALE))
    hop_seconds = LEVEL_HOP / SAMPLE_RATE / stretch
    gaps = [(int(before) + 1, int(after)) for before, after in pairwise(loud)]
    return [
        (begin * hop_seconds, end * hop_seconds)
        for begin, end in gaps
        if (end - begin) * hop_seconds >= MIN_PAUSE_SECONDS
    ]


def loud_hops(samples: Samples) -> Array:
    """Return the indices of the hops that are no silence. The number of `samples` is a multiple of `LEVEL_HOP`."""
    return np.flatnonzero(np.sqrt((samples.reshape(-1, LEVEL_HOP) ** 2).mean(axis=1)) > MAX_SILENCE_LEVEL)


def load_flac_library() -> None:
    """Load libsndfile, which takes 0.1 s. Raises `OSError` if it is missing."""
    import soundfile  # noqa: F401, PLC0415 not needed at startup


def encode_flac(pcm: Pcm) -> bytes:
    """Return `pcm` as FLAC, which is lossless and half as large; no bytes for no samples.

    Raises `OSError` without libsndfile.
    """
    import soundfile  # noqa: PLC0415

    # A FLAC file cannot be empty.
    if not len(pcm):
        return b""
    stream, level = io.BytesIO(), FLAC_COMPRESSION_LEVEL
    soundfile.write(stream, pcm, SAMPLE_RATE, "PCM_16", format="FLAC", compression_level=level)
    return stream.getvalue()


def decode_flac(flac: bytes, max_samples: int = -1) -> Pcm:
    """Return a read-only array of the samples that were encoded. Raises `OSError` without libsndfile."""
    import soundfile  # noqa: PLC0415

    pcm = soundfile.read(io.BytesIO(flac), max_samples, dtype="int16")[0] if flac else silence(0)
    pcm.flags.writeable = False
    return pcm


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
