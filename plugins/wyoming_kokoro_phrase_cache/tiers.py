"""Looks phrases up: first in memory, then on the disk."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

import numpy as np

from wyoming_kokoro import SAMPLE_RATE, CachedPhrase, CacheStats, LookupCounts, Pcm, PhraseKey, TextKey
from wyoming_kokoro_phrase_cache.lru import LruCache
from wyoming_kokoro_phrase_cache.sqlite_tier import SqliteTier
from wyoming_kokoro_phrase_cache.usage import UsageLog

CHUNK_SAMPLES = SAMPLE_RATE // 2
PHONEMES_MEMORY_BYTES = 1_000_000
"""Limit for phonemes in memory: about two thousand sentences."""


class TieredPhraseCache:
    """A `PhraseCache` of two tiers: an LRU cache in memory over a SQLite file.

    A hit in memory returns without waiting. A hit on the disk is copied to memory. All arrays are read-only.
    """

    def __init__(self, memory_limit_bytes: int, disk: SqliteTier) -> None:
        self._recordings: LruCache[Pcm] = LruCache(memory_limit_bytes)
        self._phonemes: LruCache[str] = LruCache(PHONEMES_MEMORY_BYTES)
        self._disk = disk
        self._usage = UsageLog()
        self._memory_hits = self._disk_hits = self._misses = 0

    async def open(self) -> None:
        """Open the file."""
        await self._disk.open(self._usage, on_replaced=self._clear_memory)

    async def get(self, key: PhraseKey) -> AsyncGenerator[Pcm, None] | None:
        """Return the recording of `key` in chunks of half a second, or None."""
        digest = key.digest
        pcm = self._recordings.get(digest)
        if pcm is not None:
            self._memory_hits += 1
        elif (pcm := await self._disk.recording(digest)) is not None:
            self._disk_hits += 1
            self._recordings.put(digest, pcm, pcm.nbytes)
        else:
            self._misses += 1
            self._usage.misses += 1
            return None
        self._usage.add_hit(digest)
        return _split(pcm)

    async def has(self, key: PhraseKey) -> bool:
        """Return whether `key` is cached. This counts neither as a hit nor as a miss."""
        digest = key.digest
        return digest in self._recordings or await self._disk.has(digest)

    async def claim(self, _: PhraseKey) -> bool:
        """Return True: servers that share the file do not divide their work."""
        return True

    def release(self, _: PhraseKey) -> None:
        """Do nothing, because `claim` keeps no record."""

    def put(self, key: PhraseKey, pcm: Pcm, cost: float) -> None:
        """Cache a copy of a recording that took `cost` seconds to synthesize. Returns at once."""
        copy = np.array(pcm, dtype=np.int16)
        copy.flags.writeable = False
        self._recordings.put(key.digest, copy, copy.nbytes)
        self._disk.put(key, copy, cost)

    async def phonemes(self, key: TextKey) -> str | None:
        """Return the phonemes of `key`, or None."""
        digest = key.digest
        phonemes = self._phonemes.get(digest)
        if phonemes is None:
            phonemes = await self._disk.phonemes(digest)
            if phonemes is None:
                return None
            self._phonemes.put(digest, phonemes, _memory_size(phonemes))
        self._usage.add_text(digest)
        return phonemes

    def put_phonemes(self, key: TextKey, phonemes: str) -> None:
        """Cache the phonemes of a text. Returns at once."""
        self._phonemes.put(key.digest, phonemes, _memory_size(phonemes))
        self._disk.put_phonemes(key, phonemes)

    async def flush(self) -> None:
        """Wait until everything that was put is on the disk."""
        await self._disk.flush()

    async def stats(self) -> CacheStats:
        """Return the size, the limits and the hit counts."""
        totals = await self._disk.totals()
        recordings = self._recordings.values()
        samples = totals.samples if totals else sum(map(len, recordings))
        return CacheStats(
            phrases=totals.phrases if totals else len(recordings),
            speech_seconds=samples / SAMPLE_RATE,
            disk_bytes=totals.bytes if totals else 0,
            disk_limit_bytes=self._disk.limit_bytes,
            memory_bytes=self._recordings.size_bytes,
            memory_limit_bytes=self._recordings.limit_bytes,
            hits=self._usage.hits + (totals.hits if totals else 0),
            misses=self._usage.misses + (totals.misses if totals else 0),
            location=self._disk.where,
            lookups=LookupCounts(self._memory_hits, self._disk_hits, self._misses),
        )

    async def phrases(self) -> Sequence[CachedPhrase]:
        """Return at most a thousand phrases that are on the disk, the most recently used first."""
        return await self._disk.phrases() or ()

    @property
    def memory_bytes(self) -> int:
        """The memory that recordings and phonemes take."""
        return self._recordings.size_bytes + self._phonemes.size_bytes

    def trim(self, size: int) -> int:
        """Free at least `size` bytes of memory if that many are in use. Return the number of freed bytes."""
        freed = self._recordings.trim(size)
        return freed + self._phonemes.trim(size - freed)

    async def clear(self) -> int:
        """Delete everything. Return the number of deleted phrases."""
        on_disk = await self._disk.clear()
        in_memory = len(self._recordings.values())
        self._clear_memory()
        return in_memory if on_disk is None else on_disk

    async def close(self) -> None:
        """Write everything that was put, and close the file."""
        await self._disk.close()
        self._clear_memory()

    def _clear_memory(self) -> None:
        self._recordings.clear()
        self._phonemes.clear()


async def _split(pcm: Pcm) -> AsyncGenerator[Pcm, None]:
    for begin in range(0, len(pcm), CHUNK_SAMPLES):
        yield pcm[begin : begin + CHUNK_SAMPLES]


def _memory_size(phonemes: str) -> int:
    # Python takes up to four bytes for a character.
    return 4 * len(phonemes)
