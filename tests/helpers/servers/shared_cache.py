"""Servers that share a phrase cache over a store."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from tests.helpers.phrase_cache_fixtures import LOG, noise, phrase_key, until
from tools.scaling.redis_process import FaultyProxy, RedisProcess
from wyoming_kokoro import PhraseCache, SharedCacheStats
from wyoming_kokoro_phrase_cache.sqlite_tier import SqliteTier
from wyoming_kokoro_phrase_cache.store import Limits
from wyoming_kokoro_phrase_cache.tiers import TieredPhraseCache
from wyoming_kokoro_redis.address import parse_address
from wyoming_kokoro_redis.shared_cache import SharedPhraseCache
from wyoming_kokoro_redis.store import SharedStore

# A loaded machine needs more than the default of 20 ms.
READ_TIMEOUT_SECONDS = 30.0


@asynccontextmanager
async def open_shared(
    url: str, *, machine: str = "machine", memory: int = 10_000_000
) -> AsyncIterator[SharedPhraseCache]:
    """Open the cache of one server: only memory, and the store at `url`. Wait until it has tried to connect."""
    local = TieredPhraseCache(memory, SqliteTier(Path(), Limits(0, 1), lambda: 0.0, LOG))
    log = logging.getLogger("wyoming_kokoro.plugins.redis")
    cache = SharedPhraseCache(
        local, machine, SharedStore(parse_address(url, "a test", "url"), READ_TIMEOUT_SECONDS, log)
    )
    await cache.open()
    await cache.stats()
    try:
        yield cache
    finally:
        await cache.close()


@contextmanager
def short_deadline(cache: SharedPhraseCache, seconds: float = 0.1) -> Iterator[None]:
    """Let lookups wait only briefly, while the store does not answer."""
    cache._store._read_timeout = seconds
    yield
    cache._store._read_timeout = READ_TIMEOUT_SECONDS


def url_of(server: RedisProcess | FaultyProxy) -> str:
    return f"redis://127.0.0.1:{server.port}"


async def state(cache: PhraseCache) -> SharedCacheStats:
    shared = (await cache.stats()).shared
    assert shared
    return shared


async def store(cache: PhraseCache, *numbers: int) -> None:
    """Put phrases, and wait until they are stored."""
    for number in numbers:
        cache.put(phrase_key(number), noise(number), 0.5)
    await cache.flush()


async def wait_until_usable(cache: PhraseCache, *, usable: bool = True) -> None:
    async def has_state() -> bool:
        return (not (await state(cache)).problem) is usable

    await until(has_state, 60)
