"""The smallest `PhraseCache` that fulfils the contract, for tests."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from wyoming_kokoro.api.phrase_cache import CachedPhrase, CacheStats, LookupCounts, PhraseKey, TextKey
from wyoming_kokoro.types import SAMPLE_RATE, Pcm


@dataclass
class CachedRecording:
    """A recording and how it was used."""

    pcm: Pcm
    used_at: float
    uses: int = 0


class FakePhraseCache:
    """Keeps everything in dictionaries."""

    def __init__(self) -> None:
        self.recordings: dict[PhraseKey, CachedRecording] = {}
        self.texts: dict[TextKey, str] = {}
        self.hits = self.misses = 0

    async def open(self) -> None:
        """There is nothing to open."""

    async def get(self, key: PhraseKey) -> AsyncGenerator[Pcm, None] | None:
        """Return the recording of `key`, or None."""
        kept = self.recordings.get(key)
        if kept is None:
            self.misses += 1
            return None
        self.hits += 1
        kept.uses += 1
        kept.used_at = time.time()
        return _whole(kept.pcm)

    async def has(self, key: PhraseKey) -> bool:
        """Return whether `key` is kept."""
        return key in self.recordings

    def put(self, key: PhraseKey, pcm: Pcm, cost: float) -> None:  # noqa: ARG002 it costs nothing to keep all
        """Keep a recording."""
        self.recordings[key] = CachedRecording(pcm.copy(), time.time())

    async def phonemes(self, key: TextKey) -> str | None:
        """Return the phonemes of `key`, or None."""
        return self.texts.get(key)

    def put_phonemes(self, key: TextKey, phonemes: str) -> None:
        """Keep the phonemes of a text."""
        self.texts[key] = phonemes

    async def flush(self) -> None:
        """Everything is kept already."""

    async def stats(self) -> CacheStats:
        """Tell how the cache does."""
        kept = self.recordings.values()
        seconds = sum(len(item.pcm) for item in kept) / SAMPLE_RATE
        size = sum(item.pcm.nbytes for item in kept)
        lookups = LookupCounts(memory=self.hits, misses=self.misses)
        return CacheStats(len(kept), seconds, 0, 0, size, 1 << 40, self.hits, self.misses, "in a dictionary", lookups)

    async def phrases(self) -> Sequence[CachedPhrase]:
        """Return what is kept, what was used last first."""
        newest_first = sorted(self.recordings.items(), key=lambda item: -item[1].used_at)
        return [
            CachedPhrase(
                key.digest.hex(), key.voice, key.speed, len(it.pcm) / SAMPLE_RATE, it.pcm.nbytes, it.uses, it.used_at
            )
            for key, it in newest_first
        ]

    def trim(self, size: int) -> int:
        """Give back memory, the oldest first."""
        freed = 0
        while freed < size and self.recordings:
            freed += self.recordings.pop(next(iter(self.recordings))).pcm.nbytes
        return freed

    async def clear(self) -> int:
        """Forget everything."""
        count = len(self.recordings)
        self.recordings.clear()
        self.texts.clear()
        return count

    async def close(self) -> None:
        """There is nothing to close."""


async def _whole(pcm: Pcm) -> AsyncGenerator[Pcm, None]:
    yield pcm
