"""What is kept of what was spoken: a phrase cache that may fail in any way, and the lack of one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from wyoming_kokoro.api.phrase_cache import CachedPhrase, CacheStats, PhraseCache, PhraseKey, TextKey
from wyoming_kokoro.types import Pcm

T = TypeVar("T")
log = logging.getLogger(__name__)


class FailSafePhraseCache:
    """A phrase cache that opens in the background, and whose failures are misses, logged once."""

    def __init__(self, cache: PhraseCache) -> None:
        self._cache = cache
        self._is_open = asyncio.Event()
        self._is_blamed = False

    async def open(self) -> None:
        """Open the cache; those who ask meanwhile wait."""
        await self._try(self._cache.open, None)
        self._is_open.set()

    async def get(self, key: PhraseKey) -> AsyncGenerator[Pcm, None] | None:
        """Return the recording of `key`, or None."""
        await self._is_open.wait()
        return await self._try(lambda: self._cache.get(key), None)

    async def has(self, key: PhraseKey) -> bool:
        """Return whether `key` is kept."""
        await self._is_open.wait()
        return await self._try(lambda: self._cache.has(key), False)

    def put(self, key: PhraseKey, pcm: Pcm, cost: float) -> None:
        """Keep a recording."""
        with self._blaming():
            self._cache.put(key, pcm, cost)

    async def phonemes(self, key: TextKey) -> str | None:
        """Return the phonemes of `key`, or None."""
        await self._is_open.wait()
        return await self._try(lambda: self._cache.phonemes(key), None)

    def put_phonemes(self, key: TextKey, phonemes: str) -> None:
        """Keep the phonemes of a text."""
        with self._blaming():
            self._cache.put_phonemes(key, phonemes)

    async def flush(self) -> None:
        """Wait until everything that was put is kept."""
        await self._try(self._cache.flush, None)

    async def stats(self) -> CacheStats:
        """Tell how the cache does."""
        await self._is_open.wait()
        return await self._try(self._cache.stats, NO_CACHE_STATS)

    async def phrases(self) -> Sequence[CachedPhrase]:
        """Return what is kept."""
        await self._is_open.wait()
        return await self._try(self._cache.phrases, ())

    def trim(self, size: int) -> int:
        """Give back memory; return how many bytes."""
        with self._blaming():
            return self._cache.trim(size)
        return 0

    async def clear(self) -> int:
        """Forget everything; return how many phrases."""
        await self._is_open.wait()
        return await self._try(self._cache.clear, 0)

    async def close(self) -> None:
        """Close the cache, once it is open."""
        await self._is_open.wait()
        await self._try(self._cache.close, None)

    async def _try(self, ask: Callable[[], Awaitable[T]], otherwise: T) -> T:
        with self._blaming():
            return await ask()
        return otherwise

    @contextmanager
    def _blaming(self) -> Generator[None, None, None]:
        try:
            yield
        except Exception:
            if not self._is_blamed:
                log.exception("The phrase cache %s failed; what it fails at is a miss", type(self._cache).__name__)
            self._is_blamed = True


NO_CACHE_STATS = CacheStats(0, 0.0, 0, 0, 0, 0, 0, 0, "nowhere: no plugin brings a phrase cache")


class NullPhraseCache:
    """Keeps nothing."""

    async def open(self) -> None:
        """There is nothing to open."""

    async def get(self, _: PhraseKey) -> AsyncGenerator[Pcm, None] | None:
        """Return None."""
        return None

    async def has(self, _: PhraseKey) -> bool:
        """Return False."""
        return False

    def put(self, _: PhraseKey, __: Pcm, ___: float) -> None:
        """Forget the recording."""

    async def phonemes(self, _: TextKey) -> str | None:
        """Return None."""
        return None

    def put_phonemes(self, _: TextKey, phonemes: str) -> None:
        """Forget the phonemes."""

    async def flush(self) -> None:
        """There is nothing to wait for."""

    async def stats(self) -> CacheStats:
        """Tell that there is nothing."""
        return NO_CACHE_STATS

    async def phrases(self) -> Sequence[CachedPhrase]:
        """Return nothing."""
        return ()

    def trim(self, _: int) -> int:
        """Return 0."""
        return 0

    async def clear(self) -> int:
        """Return 0."""
        return 0

    async def close(self) -> None:
        """There is nothing to close."""
