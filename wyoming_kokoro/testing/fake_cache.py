"""The smallest `PhraseCache` that fulfils the contract."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from wyoming_kokoro.api.phrase_cache import CachedPhrase, CacheStats, LookupCounts, PhraseKey, TextKey
from wyoming_kokoro.speech.phrase_cache import NullPhraseCache
from wyoming_kokoro.types import SAMPLE_RATE, Pcm


@dataclass
class CachedRecording:
    """A recording and its uses."""

    pcm: Pcm
    used_at: float
    uses: int = 0


class FakePhraseCache(NullPhraseCache):
    """Stores everything in dictionaries."""

    def __init__(self) -> None:
        self.recordings: dict[PhraseKey, CachedRecording] = {}
        self.texts: dict[TextKey, str] = {}
        self.hits = self.misses = 0

    async def get(self, key: PhraseKey) -> AsyncGenerator[Pcm, None] | None:
        """Return the recording of `key`, or None."""
        recording = self.recordings.get(key)
        if recording is None:
            self.misses += 1
            return None
        self.hits += 1
        recording.uses += 1
        recording.used_at = time.time()
        return _one_chunk(recording.pcm)

    async def has(self, key: PhraseKey) -> bool:
        """Return whether `key` is cached."""
        return key in self.recordings

    def put(self, key: PhraseKey, pcm: Pcm, cost: float) -> None:  # noqa: ARG002 nothing is evicted
        """Store a recording."""
        self.recordings[key] = CachedRecording(pcm.copy(), time.time())

    async def phonemes(self, key: TextKey) -> str | None:
        """Return the phonemes of `key`, or None."""
        return self.texts.get(key)

    def put_phonemes(self, key: TextKey, phonemes: str) -> None:
        """Store the phonemes of a text."""
        self.texts[key] = phonemes

    async def stats(self) -> CacheStats:
        """Return the statistics."""
        recordings = self.recordings.values()
        seconds = sum(len(item.pcm) for item in recordings) / SAMPLE_RATE
        size = sum(item.pcm.nbytes for item in recordings)
        lookups = LookupCounts(memory=self.hits, misses=self.misses)
        return CacheStats(
            len(recordings), seconds, 0, 0, size, 1 << 40, self.hits, self.misses, "in a dictionary", lookups
        )

    async def phrases(self) -> Sequence[CachedPhrase]:
        """Return all phrases, the most recently used first."""
        newest_first = sorted(self.recordings.items(), key=lambda item: -item[1].used_at)
        return [
            CachedPhrase(
                key.digest.hex(), key.voice, key.speed, len(it.pcm) / SAMPLE_RATE, it.pcm.nbytes, it.uses, it.used_at
            )
            for key, it in newest_first
        ]

    def trim(self, size: int) -> int:
        """Delete the oldest recordings."""
        freed = 0
        while freed < size and self.recordings:
            freed += self.recordings.pop(next(iter(self.recordings))).pcm.nbytes
        return freed

    async def clear(self) -> int:
        """Delete everything."""
        count = len(self.recordings)
        self.recordings.clear()
        self.texts.clear()
        return count


async def _one_chunk(pcm: Pcm) -> AsyncGenerator[Pcm, None]:
    yield pcm
