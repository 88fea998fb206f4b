"""Looks phrases up: first in memory, then on the disk."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass

import numpy as np

from wyoming_kokoro import SAMPLE_RATE, CachedPhrase, CacheStats, LookupCounts, Pcm, PhraseKey, TextKey
from wyoming_kokoro_phrase_cache.lru import LruCache
from wyoming_kokoro_phrase_cache.sqlite_tier import SqliteTier
from wyoming_kokoro_phrase_cache.usage import UsageLog

CHUNK_SAMPLES = SAMPLE_RATE // 2
PHONEMES_MEMORY_BYTES = 1_000_000
"""Limit for phonemes in memory: about two thousand sentences."""


@dataclass(frozen=True, slots=True)
class Recording:
    """The samples of a phrase, and the parts of its key that `cache list` shows."""

    voice: str
    speed: float
    pcm: Pcm


class TieredPhraseCache:
    """A `PhraseCache` of two tiers: an LRU cache in memory over a SQLite file.

    A hit in memory returns without waiting. A hit on the disk is copied to memory. All arrays are read-only.
    """

    def __init__(self, memory_limit_bytes: int, disk: SqliteTier, clock: Callable[[], float]) -> None:
        """`clock` returns the Unix time."""
        self._recordings: LruCache[Recording] = LruCache(memory_limit_bytes, clock)
        self._phonemes: LruCache[str] = LruCache(PHONEMES_MEMORY_BYTES, clock)
        self._disk = disk
        self._usage = UsageLog()
        self._memory_hits = self._disk_hits = self._misses = 0

    async def open(self) -> None:
        """Open the file."""
        await self._disk.open(self._usage, on_replaced=self._clear_memory)

    async def get(self, key: PhraseKey) -> AsyncGenerator[Pcm, None] | None:
        """Return the recording of `key` in chunks of half a second, or None."""
        digest = key.digest
        found = self._recordings.get(digest)
        pcm = found.pcm if found else await self._read_from_disk(key, digest)
        if pcm is None:
            self._misses += 1
            self._usage.add_miss()
            return None
        self._memory_hits += found is not None
        self._disk_hits += found is None
        self._usage.add_hit(digest)
        return _split(pcm)

    async def has(self, key: PhraseKey) -> bool:
        """Return whether `key` is cached. This counts neither as a hit nor as a miss."""
        digest = key.digest
        return digest in self._recordings or await self._disk.has(digest)

    def put(self, key: PhraseKey, pcm: Pcm, cost: float) -> None:
        """Cache a copy of a recording that took `cost` seconds to synthesize. Returns at once."""
        copy = np.array(pcm, dtype=np.int16)
        copy.flags.writeable = False
        self._put_in_memory(key, key.digest, copy)
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
        recordings = [entry.value for _, entry in self._recordings.entries()]
        samples = totals.samples if totals else sum(len(recording.pcm) for recording in recordings)
        return CacheStats(
            phrases=totals.phrases if totals else len(recordings),
            seconds=samples / SAMPLE_RATE,
            bytes=totals.bytes if totals else 0,
            limit_bytes=self._disk.limit_bytes,
            memory_bytes=self._recordings.size_bytes,
            memory_limit_bytes=self._recordings.limit_bytes,
            hits=self._usage.hits + (totals.hits if totals else 0),
            misses=self._usage.misses + (totals.misses if totals else 0),
            where=self._disk.where,
            lookups=LookupCounts(self._memory_hits, self._disk_hits, self._misses),
        )

    async def phrases(self) -> Sequence[CachedPhrase]:
        """Return at most a thousand phrases, the most recently used first."""
        listed = await self._disk.phrases()
        return self._phrases_in_memory() if listed is None else listed

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
        in_memory = len(self._recordings.entries())
        self._clear_memory()
        return in_memory if on_disk is None else on_disk

    async def close(self) -> None:
        """Write everything that was put, and close the file."""
        await self._disk.close()
        self._clear_memory()

    async def _read_from_disk(self, key: PhraseKey, digest: bytes) -> Pcm | None:
        pcm = await self._disk.recording(digest)
        if pcm is not None:
            self._put_in_memory(key, digest, pcm)
        return pcm

    def _put_in_memory(self, key: PhraseKey, digest: bytes, pcm: Pcm) -> None:
        self._recordings.put(digest, Recording(key.voice, key.speed, pcm), pcm.nbytes)

    def _clear_memory(self) -> None:
        self._recordings.clear()
        self._phonemes.clear()

    def _phrases_in_memory(self) -> list[CachedPhrase]:
        return [
            CachedPhrase(
                digest=digest.hex(),
                voice=entry.value.voice,
                speed=entry.value.speed,
                seconds=len(entry.value.pcm) / SAMPLE_RATE,
                bytes=entry.size_bytes,
                uses=entry.uses,
                used_at=entry.used_at,
            )
            for digest, entry in self._recordings.entries()
        ]


async def _split(pcm: Pcm) -> AsyncGenerator[Pcm, None]:
    for begin in range(0, len(pcm), CHUNK_SAMPLES):
        yield pcm[begin : begin + CHUNK_SAMPLES]


def _memory_size(phonemes: str) -> int:
    # Python takes up to four bytes for a character.
    return 4 * len(phonemes)
