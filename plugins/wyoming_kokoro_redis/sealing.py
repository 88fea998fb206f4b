"""The form of a recording in the store."""

from __future__ import annotations

import hashlib
import struct

from wyoming_kokoro import Pcm, decode_flac, encode_flac

HEADER = struct.Struct("<fI")
"""The seconds of work and the number of samples."""
DIGEST_BYTES = 16
MAX_SAMPLES = 4_000_000
"""Almost three minutes: more than the longest recording. FLAC with a false number could fill the memory."""


def seal(name: str, pcm: Pcm, cost: float) -> bytes:
    """Return the value that the store keeps under `name`: a digest, the header and the samples as FLAC."""
    content = HEADER.pack(cost, len(pcm)) + encode_flac(pcm)
    return _digest(name, content) + content


def unseal(name: str, value: bytes) -> tuple[Pcm, float]:
    """Return the samples and the seconds of work. Raises `ValueError` if `value` is not what `seal` made for `name`."""
    content = value[DIGEST_BYTES:]
    if value[:DIGEST_BYTES] != _digest(name, content):
        raise ValueError("the digest is wrong")
    cost, samples = HEADER.unpack_from(content)
    if samples > MAX_SAMPLES:
        raise ValueError("it is too long")
    pcm = decode_flac(content[HEADER.size :], samples)
    if len(pcm) != samples:
        raise ValueError("samples are missing")
    return pcm, cost


def _digest(name: str, content: bytes) -> bytes:
    return hashlib.blake2b(name.encode() + b"\0" + content, digest_size=DIGEST_BYTES).digest()
