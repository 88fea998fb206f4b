"""What is said again and again: the roles of the phrase cache and of warmup, and what they hand to each other."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from wyoming_kokoro.types import Pcm


@dataclass(frozen=True, slots=True)
class PhraseKey:
    """The identity of a piece of speech: what has the same key may be played for each other."""

    fingerprint: str
    """Everything that decides the sound but the request: model, voices, preparation, precision, version."""
    voice: str
    speed: float
    phonemes: str

    @property
    def digest(self) -> bytes:
        """Return 16 bytes that stand for the key and do not tell what is said."""
        return _digest(self.fingerprint, self.voice, self.speed, self.phonemes)


@dataclass(frozen=True, slots=True)
class TextKey:
    """The identity of a text on its way to phonemes."""

    fingerprint: str
    """Everything that decides the pronunciation but the text: filters, phonemizers, their versions and settings."""
    language: str
    text: str

    @property
    def digest(self) -> bytes:
        """Return 16 bytes that stand for the key and do not tell the text."""
        return _digest(self.fingerprint, self.language, self.text)


@dataclass(frozen=True, slots=True)
class LookupCounts:
    """How often phrases were asked for, by who had them."""

    memory: int = 0
    disk: int = 0
    misses: int = 0


@dataclass(frozen=True, slots=True)
class CacheStats:
    """How a phrase cache does."""

    phrases: int
    """How many are kept."""
    speech_seconds: float
    """How long they all play."""
    disk_bytes: int
    """What they take on the disk, at most `limit_bytes`."""
    disk_limit_bytes: int
    memory_bytes: int
    """What they take in memory, at most `memory_limit_bytes`."""
    memory_limit_bytes: int
    hits: int
    """How often a phrase was found, and how often not: since the cache was begun, by everybody who shares it."""
    misses: int
    location: str
    """Where the phrases are kept, or why nowhere."""
    lookups: LookupCounts = LookupCounts()
    """What was asked of the cache since this server opened it."""


@dataclass(frozen=True, slots=True)
class CachedPhrase:
    """A phrase that is kept, as `cache list` shows it: what it says is not known."""

    digest: str
    voice: str
    speed: float
    seconds: float
    bytes: int
    uses: int
    """How often it was played."""
    used_at: float
    """When it was played or made last, as a Unix time."""


@runtime_checkable
class PhraseCache(Protocol):
    """Keeps speech, and the phonemes of texts.

    Nothing here raises for what the disk does: what cannot be read is a miss, what cannot be written is forgotten.
    Opened once before it is used, and closed once; the methods that are not async may be called from any thread.
    """

    async def open(self) -> None:
        """Get ready."""

    async def get(self, key: PhraseKey) -> AsyncGenerator[Pcm, None] | None:
        """Return the recording of `key`, bit for bit as it was put, chunk by chunk; or None."""

    async def has(self, key: PhraseKey) -> bool:
        """Return whether `key` is kept; that is neither a use nor a miss."""

    def put(self, key: PhraseKey, pcm: Pcm, cost: float) -> None:
        """Keep a whole recording that took `cost` seconds to make. Returns at once."""

    async def phonemes(self, key: TextKey) -> str | None:
        """Return the phonemes of `key`, or None."""

    def put_phonemes(self, key: TextKey, phonemes: str) -> None:
        """Keep the phonemes of a text. Returns at once."""

    async def flush(self) -> None:
        """Wait until everything that was put is kept."""

    async def stats(self) -> CacheStats:
        """Tell how the cache does."""

    async def phrases(self) -> Sequence[CachedPhrase]:
        """Return what is kept, what was used last first."""

    def trim(self, size: int) -> int:
        """Give back at least `size` bytes of memory, as far as there are; return how many."""

    async def clear(self) -> int:
        """Forget everything; return how many phrases."""

    async def close(self) -> None:
        """Keep what was put and give back everything."""


def _digest(*parts: str | float) -> bytes:
    whole = "\0".join(map(str, parts))  # only the last part is anything but a name or a number
    return hashlib.blake2b(whole.encode("utf-8", "surrogatepass"), digest_size=16).digest()
