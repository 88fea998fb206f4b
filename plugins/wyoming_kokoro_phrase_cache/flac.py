"""Recordings as FLAC: half of their size, and every bit of them."""

from __future__ import annotations

import io

import numpy as np

from wyoming_kokoro import SAMPLE_RATE, Pcm
from wyoming_kokoro_phrase_cache.failures import DamagedRow

SMALLEST = 1.0
"""The compression level that takes longest, which is 5 ms for a second of speech, and is read as fast as any."""


def prepare() -> None:
    """Load the library, which takes a tenth of a second. Raises `OSError` when there is none."""
    import soundfile  # noqa: F401, PLC0415 slow, so when it is needed, on a worker thread


def packed(pcm: Pcm) -> bytes:
    """Return `pcm` as FLAC; nothing for nothing, which FLAC cannot say. Raises `OSError` without the library."""
    import soundfile  # noqa: PLC0415

    if not len(pcm):
        return b""
    stream = io.BytesIO()
    soundfile.write(stream, pcm, SAMPLE_RATE, "PCM_16", format="FLAC", compression_level=SMALLEST)
    return stream.getvalue()


def unpacked(content: bytes, samples: int) -> Pcm:
    """Return the recording of so many `samples`. Raises `DamagedRow`, and `OSError` without the library."""
    import soundfile  # noqa: PLC0415

    if not content:
        pcm = np.zeros(0, dtype=np.int16)
    else:
        try:
            pcm, _ = soundfile.read(io.BytesIO(content), dtype="int16")
        except soundfile.SoundFileError as error:
            raise DamagedRow(str(error)) from error
    if pcm.shape != (samples,):
        raise DamagedRow(f"there are {pcm.shape} samples, not {samples}")
    pcm.flags.writeable = False
    return pcm
