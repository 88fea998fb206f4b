"""The interface of plugins that cache speech, and the keys and statistics of such a cache."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from wyoming_kokoro.types import Pcm


@dataclass(frozen=True, slots=True)
class PhraseKey:
    """The identity of a recording: equal keys have equal sound. `speech/synthesizer.py` makes it."""

    fingerprint: str
    """Everything but the request that determines the sound: model, voices, preparation, precision and version."""
    voice: str
    speed: float
    phonemes: str

    @property
    def digest(self) -> bytes:
        """16 bytes that identify the key without revealing the phonemes."""
        return _digest(self.fingerprint, self.voice, self.speed, self.phonemes)


@dataclass(frozen=True, slots=True)
class TextKey:
    """The identity of a text that becomes phonemes: equal keys have equal phonemes."""

    fingerprint: str
    """Everything but the text that determines the phonemes: filters, phonemizers, their versions and settings."""
    language: str
    text: str

    @property
    def digest(self) -> bytes:
        """16 bytes that identify the key without revealing the text."""
        return _digest(self.fingerprint, self.language, self.text)


@dataclass(frozen=True, slots=True)
class LookupCounts:
    """How many lookups were answered from memory, from disk, or not at all."""

    memory: int = 0
    disk: int = 0
    misses: int = 0


@dataclass(frozen=True, slots=True)
class SharedCacheStats:
    """The state of a store of phrases that several servers share. This server counts since it opened the store."""

    location: str
    """The address, without secrets."""
    problem: str = ""
    """Why the store is not in use; empty while it is."""
    server: str = ""
    """What runs there, such as `Redis 7.0.15, allkeys-lfu, 3 of 256 MB`; empty until it answered."""
    hits: int = 0
    """Lookups that found a phrase, which is then copied to this server."""
    misses: int = 0
    failures: int = 0
    """Lookups without an answer in time."""
    damaged: int = 0
    """Answers that were not the recording that this server asked for."""
    stored: int = 0
    """Phrases that this server stored."""
    dropped: int = 0
    """Phrases that this server could not store."""
    write_problem: str = ""
    """Why a store that is in use accepts no phrases; empty while it does."""


@dataclass(frozen=True, slots=True)
class CacheStats:
    """The size and the hit rate of a phrase cache."""

    phrases: int
    speech_seconds: float
    """The duration of all phrases."""
    disk_bytes: int
    disk_limit_bytes: int
    memory_bytes: int
    memory_limit_bytes: int
    hits: int
    """All hits since the cache was created, by all servers that share it; `misses` alike."""
    misses: int
    location: str
    """Where the phrases are stored, or why nowhere."""
    lookups: LookupCounts = LookupCounts()
    """The lookups of this server since it opened the cache."""
    shared: SharedCacheStats | None = None
    """None without a shared cache."""


@dataclass(frozen=True, slots=True)
class CachedPhrase:
    """A cached phrase, as `cache list` shows it. Its text is unknown."""

    digest: str
    voice: str
    speed: float
    seconds: float
    bytes: int
    uses: int
    """How often it was played."""
    used_at: float
    """When it was last played or synthesized, as a Unix time."""


@runtime_checkable
class PhraseCache(Protocol):
    """Stores speech, and the phonemes of texts.

    No method raises for errors of the disk: what cannot be read is a miss, and what cannot be written is dropped. The
    server calls `open` once before all other methods, and `close` once at the end. It may call the methods that are
    not async from any thread.
    """

    async def open(self) -> None:
        """Open the cache."""

    async def get(self, key: PhraseKey) -> AsyncGenerator[Pcm, None] | None:
        """Return the recording of `key` in chunks, with exactly the samples of `put`; or None."""

    async def has(self, key: PhraseKey) -> bool:
        """Return whether `key` is cached. This counts neither as a hit nor as a miss."""

    async def claim(self, key: PhraseKey) -> bool:
        """Return whether this server should synthesize `key` in advance: no other one is doing so, or has done so."""

    def release(self, key: PhraseKey) -> None:
        """Tell other servers that this one does not synthesize `key`, unless `put` got it. Returns at once."""

    def put(self, key: PhraseKey, pcm: Pcm, cost: float) -> None:
        """Store a whole recording that took `cost` seconds to synthesize. Returns at once."""

    async def phonemes(self, key: TextKey) -> str | None:
        """Return the phonemes of `key`, or None."""

    def put_phonemes(self, key: TextKey, phonemes: str) -> None:
        """Store the phonemes of a text. Returns at once."""

    async def flush(self) -> None:
        """Wait until everything is stored."""

    async def stats(self) -> CacheStats:
        """Return the statistics."""

    async def phrases(self) -> Sequence[CachedPhrase]:
        """Return the phrases that a later process finds, the most recently used first."""

    def trim(self, size: int) -> int:
        """Free at least `size` bytes of memory, or all there are. Return the number of freed bytes."""

    async def clear(self) -> int:
        """Delete everything. Return the number of deleted phrases."""

    async def close(self) -> None:
        """Store what is not stored yet, and free all resources."""


def _digest(*parts: str | float) -> bytes:
    # Only the last part may contain any character, so that the separator is unambiguous.
    joined = "\0".join(map(str, parts))
    return hashlib.blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=16).digest()
