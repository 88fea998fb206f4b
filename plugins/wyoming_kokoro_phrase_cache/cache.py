"""The phrase cache: memory, which answers at once, over a tier on the disk."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass

import numpy as np

from wyoming_kokoro import SAMPLE_RATE, CachedPhrase, CacheStats, LookupCounts, Pcm, PhraseKey, TextKey
from wyoming_kokoro_phrase_cache.ledger import Ledger
from wyoming_kokoro_phrase_cache.memory import Memory
from wyoming_kokoro_phrase_cache.tier import Tier

CHUNK = SAMPLE_RATE // 2
"""Samples that are played at a time."""
PHONEMES_BYTES = 1_000_000
"""What phonemes may take in memory: those of about two thousand sentences."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What a phrase sounds like, and what of its key may be told."""

    voice: str
    speed: float
    pcm: Pcm


class TwoTiers:
    """A `PhraseCache` whose recordings are read-only arrays.

    What is in memory is returned without waiting for anything; what is found on the disk goes to memory. What
    another server that shares the disk has cleared may be played from memory for some seconds more.
    """

    def __init__(self, memory: int, disk: Tier, ledger: Ledger, clock: Callable[[], float]) -> None:
        """`memory` is how many bytes of it recordings may take; `clock` tells the Unix time."""
        self._recordings: Memory[Recording] = Memory(memory, clock)
        self._phonemes: Memory[str] = Memory(PHONEMES_BYTES, clock)
        self._disk = disk
        self._ledger = ledger
        self._found_in_memory = self._found_on_disk = self._missed = 0

    async def open(self) -> None:
        """Get ready."""
        await self._disk.open(self._forget)

    async def get(self, key: PhraseKey) -> AsyncGenerator[Pcm, None] | None:
        """Return the recording of `key` in chunks of half a second, or None."""
        digest = key.digest
        self._ledger.active(key.fingerprint)
        found = self._recordings.get(digest)
        pcm = found.pcm if found else await self._promoted(key, digest)
        if pcm is None:
            self._missed += 1
            self._ledger.miss()
            return None
        self._found_in_memory += found is not None
        self._found_on_disk += found is None
        self._ledger.hit(digest)
        return _chunks(pcm)

    async def has(self, key: PhraseKey) -> bool:
        """Return whether `key` is kept; that is neither a use nor a miss."""
        digest = key.digest
        return digest in self._recordings or await self._disk.has(digest)

    def put(self, key: PhraseKey, pcm: Pcm, cost: float) -> None:
        """Keep a copy of a recording that took `cost` seconds to make. Returns at once."""
        self._ledger.active(key.fingerprint)
        copy = np.array(pcm, dtype=np.int16)
        copy.flags.writeable = False
        self._remember(key, key.digest, copy)
        self._disk.put(key, copy, cost)

    async def phonemes(self, key: TextKey) -> str | None:
        """Return the phonemes of `key`, or None."""
        digest = key.digest
        self._ledger.active(key.fingerprint)
        phonemes = self._phonemes.get(digest)
        if phonemes is None:
            phonemes = await self._disk.phonemes(key)
            if phonemes is None:
                return None
            self._phonemes.keep(digest, phonemes, _size(phonemes))
        self._ledger.read(digest)
        return phonemes

    def put_phonemes(self, key: TextKey, phonemes: str) -> None:
        """Keep the phonemes of a text. Returns at once."""
        self._ledger.active(key.fingerprint)
        self._phonemes.keep(key.digest, phonemes, _size(phonemes))
        self._disk.put_phonemes(key, phonemes)

    async def flush(self) -> None:
        """Wait until everything that was put is kept."""
        await self._disk.flush()

    async def stats(self) -> CacheStats:
        """Tell how the cache does."""
        totals = await self._disk.totals()
        hits, misses = self._ledger.counted()
        entries = [entry.value for _, entry in self._recordings.entries()]
        samples = totals.samples if totals else sum(len(recording.pcm) for recording in entries)
        return CacheStats(
            phrases=totals.phrases if totals else len(entries),
            seconds=samples / SAMPLE_RATE,
            bytes=totals.bytes if totals else 0,
            limit_bytes=self._disk.limit,
            memory_bytes=self._recordings.size,
            memory_limit_bytes=self._recordings.limit,
            hits=hits + (totals.hits if totals else 0),
            misses=misses + (totals.misses if totals else 0),
            where=self._disk.where,
            lookups=LookupCounts(self._found_in_memory, self._found_on_disk, self._missed),
        )

    async def phrases(self) -> Sequence[CachedPhrase]:
        """Return what is kept, what was used last first: a thousand phrases at most."""
        listed = await self._disk.listing()
        return self._in_memory() if listed is None else listed

    @property
    def memory(self) -> int:
        """The bytes of memory that are taken."""
        return self._recordings.size + self._phonemes.size

    def trim(self, size: int) -> int:
        """Give back at least `size` bytes of memory, as far as there are; return how many."""
        freed = self._recordings.trim(size)
        return freed + self._phonemes.trim(size - freed)

    async def clear(self) -> int:
        """Forget everything; return how many phrases."""
        count = await self._disk.clear()
        remembered = len(self._recordings.entries())
        self._forget()
        return remembered if count is None else count

    async def close(self) -> None:
        """Keep what was put and give back everything."""
        await self._disk.close()
        self._forget()

    async def _promoted(self, key: PhraseKey, digest: bytes) -> Pcm | None:
        pcm = await self._disk.recording(digest)
        if pcm is not None:
            self._remember(key, digest, pcm)
        return pcm

    def _remember(self, key: PhraseKey, digest: bytes, pcm: Pcm) -> None:
        self._recordings.keep(digest, Recording(key.voice, key.speed, pcm), pcm.nbytes)

    def _forget(self) -> None:
        self._recordings.clear()
        self._phonemes.clear()

    def _in_memory(self) -> list[CachedPhrase]:
        return [
            CachedPhrase(
                digest=digest.hex(),
                voice=entry.value.voice,
                speed=entry.value.speed,
                seconds=len(entry.value.pcm) / SAMPLE_RATE,
                bytes=entry.size,
                uses=entry.uses,
                used_at=entry.used_at,
            )
            for digest, entry in self._recordings.entries()
        ]


async def _chunks(pcm: Pcm) -> AsyncGenerator[Pcm, None]:
    for begin in range(0, len(pcm), CHUNK):
        yield pcm[begin : begin + CHUNK]


def _size(phonemes: str) -> int:
    return 4 * len(phonemes)
