"""Phonemes that only whoever knows the text can read, since they tell what was said."""

from __future__ import annotations

import hashlib

from wyoming_kokoro import TextKey

MARK_BYTES = 16
_PURPOSE = b"wyoming-kokoro phonemes 1\0"


def sealed(key: TextKey, phonemes: str) -> bytes:
    """Return `phonemes` so that `unsealed` can read them with the same key, and nobody without its text."""
    plain = phonemes.encode("utf-8", "surrogatepass")
    secret, stream = _drawn(key, len(plain))
    hidden = _mixed(plain, stream)
    return _mark(secret, hidden) + hidden


def unsealed(key: TextKey, content: bytes) -> str | None:
    """Return the phonemes that were sealed with `key`, or None when that is not what `content` is."""
    mark, hidden = content[:MARK_BYTES], content[MARK_BYTES:]
    secret, stream = _drawn(key, len(hidden))
    if mark != _mark(secret, hidden):
        return None
    return _mixed(hidden, stream).decode("utf-8", "surrogatepass")


def _drawn(key: TextKey, size: int) -> tuple[bytes, bytes]:
    """Return a secret and `size` bytes, both drawn from the text, and others for another fingerprint."""
    source = hashlib.shake_256(_PURPOSE + key.digest + key.text.encode("utf-8", "surrogatepass"))
    drawn = source.digest(32 + size)
    return drawn[:32], drawn[32:]


def _mixed(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).to_bytes(len(one), "big")


def _mark(secret: bytes, hidden: bytes) -> bytes:
    return hashlib.blake2b(hidden, key=secret, digest_size=MARK_BYTES).digest()
