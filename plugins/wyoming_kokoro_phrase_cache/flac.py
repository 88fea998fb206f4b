"""Encodes recordings as FLAC, which is lossless and halves their size."""

from __future__ import annotations

import io

import numpy as np

from wyoming_kokoro import SAMPLE_RATE, Pcm

COMPRESSION_LEVEL = 1.0
"""The smallest files. Encoding takes 5 ms for a second of speech; decoding is equally fast at all levels."""


def load_library() -> None:
    """Load libsndfile, which takes 0.1 s. Raises `OSError` if it is missing."""
    # The import is slow, so it runs on the worker thread when the cache opens.
    import soundfile  # noqa: F401, PLC0415


def encode(pcm: Pcm) -> bytes:
    """Return `pcm` as FLAC, or no bytes for no samples. Raises `OSError` without libsndfile."""
    import soundfile  # noqa: PLC0415

    # A FLAC file cannot be empty.
    if not len(pcm):
        return b""
    stream = io.BytesIO()
    soundfile.write(stream, pcm, SAMPLE_RATE, "PCM_16", format="FLAC", compression_level=COMPRESSION_LEVEL)
    return stream.getvalue()


def decode(flac: bytes) -> Pcm:
    """Return a read-only array of the samples that were encoded. Raises `OSError` without libsndfile."""
    import soundfile  # noqa: PLC0415

    pcm = soundfile.read(io.BytesIO(flac), dtype="int16")[0] if flac else np.zeros(0, dtype=np.int16)
    pcm.flags.writeable = False
    return pcm
