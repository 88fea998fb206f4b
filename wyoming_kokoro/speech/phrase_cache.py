"""The phrase cache of a plugin, protected against its failures, and the cache of a server without such a plugin."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import TypeVar

from wyoming_kokoro.api.phrase_cache import CachedPhrase, CacheStats, PhraseCache, PhraseKey, TextKey
from wyoming_kokoro.config import Config
from wyoming_kokoro.model.fingerprint import machine_fingerprint
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.types import OnReady, Pcm, ignore

T = TypeVar("T")
log = logging.getLogger(__name__)


class FailSafePhraseCache:
    """Treats every failure of a phrase cache as a miss, and logs the first one.

    The cache opens in the background; lookups wait until it is open.
    """

    def __init__(self, cache: PhraseCache) -> None:
        self._cache = cache
        self._is_open = asyncio.Event()
        self._has_failed = False

    async def open(self) -> None:
        """Open the cache."""
        with self._suppress_failures():
            await self._cache.open()
        self._is_open.set()

    async def get(self, key: PhraseKey) -> AsyncGenerator[Pcm, None] | None:
        """Return the recording of `key`, or None."""
        return await self._when_open(lambda: self._cache.get(key), None)

    async def has(self, key: PhraseKey) -> bool:
        """Return whether `key` is cached."""
        return await self._when_open(lambda: self._cache.has(key), False)

    async def claim(self, key: PhraseKey) -> bool:
        """Return whether this server should synthesize `key` in advance."""
        return await self._when_open(lambda: self._cache.claim(key), True)

    def release(self, key: PhraseKey) -> None:
        """Tell other servers that this one does not synthesize `key`."""
        with self._suppress_failures():
            self._cache.release(key)

    def put(self, key: PhraseKey, pcm: Pcm, cost: float) -> None:
        """Add a recording."""
        with self._suppress_failures():
            self._cache.put(key, pcm, cost)

    async def phonemes(self, key: TextKey) -> str | None:
        """Return the phonemes of `key`, or None."""
        return await self._when_open(lambda: self._cache.phonemes(key), None)

    def put_phonemes(self, key: TextKey, phonemes: str) -> None:
        """Add the phonemes of a text."""
        with self._suppress_failures():
            self._cache.put_phonemes(key, phonemes)

    async def flush(self) -> None:
        """Wait until all additions are stored."""
        await self._when_open(self._cache.flush, None)

    async def stats(self) -> CacheStats:
        """Return the size and the hit rate."""
        return await self._when_open(self._cache.stats, NO_CACHE_STATS)

    async def phrases(self) -> Sequence[CachedPhrase]:
        """Return the cached phrases."""
        return await self._when_open(self._cache.phrases, ())

    def trim(self, size: int) -> int:
        """Free `size` bytes of memory; return how many were freed."""
        with self._suppress_failures():
            return self._cache.trim(size)
        return 0

    async def clear(self) -> int:
        """Delete all phrases; return their number."""
        return await self._when_open(self._cache.clear, 0)

    async def close(self) -> None:
        """Close the cache, after it has opened."""
        await self._when_open(self._cache.close, None)

    async def _when_open(self, function: Callable[[], Awaitable[T]], default: T) -> T:
        await self._is_open.wait()
        with self._suppress_failures():
            return await function()
        return default

    @contextmanager
    def _suppress_failures(self) -> Generator[None, None, None]:
        try:
            yield
        except Exception:
            if not self._has_failed:
                name = type(self._cache).__name__
                log.exception("Phrase cache %s failed; failures count as misses and are not logged again", name)
            self._has_failed = True


NO_CACHE_STATS = CacheStats(0, 0.0, 0, 0, 0, 0, 0, 0, "nowhere: no plugin provides a phrase cache")


class NullPhraseCache:
    """Caches nothing."""

    async def open(self) -> None:
        """Do nothing."""

    async def get(self, _: PhraseKey) -> AsyncGenerator[Pcm, None] | None:
        """Return None."""
        return None

    async def has(self, _: PhraseKey) -> bool:
        """Return False."""
        return False

    async def claim(self, _: PhraseKey) -> bool:
        """Return True."""
        return True

    def release(self, _: PhraseKey) -> None:
        """Do nothing."""

    def put(self, _: PhraseKey, __: Pcm, ___: float) -> None:
        """Do nothing."""

    async def phonemes(self, _: TextKey) -> str | None:
        """Return None."""
        return None

    def put_phonemes(self, _: TextKey, phonemes: str) -> None:
        """Do nothing."""

    async def flush(self) -> None:
        """Do nothing."""

    async def stats(self) -> CacheStats:
        """Return `NO_CACHE_STATS`."""
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
        """Do nothing."""


@asynccontextmanager
async def open_phrase_cache(
    config: Config, plugins: PluginManager, on_ready: OnReady = ignore
) -> AsyncIterator[PhraseCache]:
    """Open the phrase cache of the plugins in the background, or a `NullPhraseCache`."""
    found = await asyncio.to_thread(_find_phrase_cache, config, plugins)
    cache: PhraseCache = FailSafePhraseCache(found) if found else NullPhraseCache()
    opening = asyncio.create_task(cache.open())
    opening.add_done_callback(lambda _: on_ready("cache ready"))
    try:
        yield cache
    finally:
        await opening
        await cache.close()


def _find_phrase_cache(config: Config, plugins: PluginManager) -> PhraseCache | None:
    """Return the cache of this server, over which a shared one may lie."""
    local = plugins.phrase_cache()
    if not plugins.shares_phrases():
        return local
    machine = machine_fingerprint(config, plugins.providers())
    return plugins.shared_phrase_cache(local or NullPhraseCache(), machine) or local
