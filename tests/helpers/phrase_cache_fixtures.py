"""Phrase caches in a folder, phrases to put into them, and access to their files."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import numpy as np

from wyoming_kokoro import Pcm, PhraseCache, PhraseKey, TextKey
from wyoming_kokoro_phrase_cache.database import VERSION
from wyoming_kokoro_phrase_cache.sqlite_tier import SqliteTier
from wyoming_kokoro_phrase_cache.store import Limits
from wyoming_kokoro_phrase_cache.tiers import TieredPhraseCache

LOG = logging.getLogger("wyoming_kokoro.plugins.phrase_cache")
DAY_SECONDS = 86_400.0
NEVER = 3600.0
OFTEN = 0.01


class SteppingClock:
    """Returns a Unix time that the test sets, and advances by a millisecond at each call."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


@asynccontextmanager
async def open_cache(
    folder: Path,
    *,
    size: int = 10_000_000,
    memory: int = 0,
    days: float = 90,
    clock: Callable[[], float] = time.time,
    monotonic: Callable[[], float] | None = None,
    maintenance: float = NEVER,
) -> AsyncIterator[PhraseCache]:
    """Open a cache. By default it holds nothing in memory, so that all recordings come from the disk.

    `clock` also measures the time that passes, unless there is another clock for that.
    """
    limits = Limits(size, days * DAY_SECONDS)
    disk = SqliteTier(
        folder, limits, clock, LOG, maintenance_interval_seconds=maintenance, monotonic=monotonic or clock
    )
    cache = TieredPhraseCache(memory, disk)
    await cache.open()
    try:
        yield cache
    finally:
        await cache.close()


def phrase_key(number: int) -> PhraseKey:
    return PhraseKey("model", "af_heart", 1.0, f"phonemes {number}")


def text_key(number: int) -> TextKey:
    return TextKey("rules", "en-US", f"text {number}")


def noise(number: int, samples: int = 12_000) -> Pcm:
    """Return random samples; 12,000 take about 20 kB as FLAC."""
    return np.random.default_rng(number).integers(-3000, 3000, samples).astype(np.int16)


async def put(cache: PhraseCache, *numbers: int, cost: float = 0.5) -> None:
    """Put phrases one after the other, and wait until each is written."""
    for number in numbers:
        cache.put(phrase_key(number), noise(number), cost)
        await cache.flush()


async def cached(cache: PhraseCache, *numbers: int) -> list[int]:
    """Return the numbers of the phrases that are cached."""
    return [number for number in numbers if await cache.has(phrase_key(number))]


async def is_hit(cache: PhraseCache, number: int) -> bool:
    """Return whether a phrase is found. A found phrase must be bit-exact."""
    chunks = await cache.get(phrase_key(number))
    if chunks is None:
        return False
    np.testing.assert_array_equal(np.concatenate([chunk async for chunk in chunks]), noise(number))
    return True


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
    """Wait until `condition` holds."""
    end = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < end, "the condition does not become true"
        await asyncio.sleep(0.01)


def database_path(root: Path) -> Path:
    return root / f"v{VERSION}" / "phrases.sqlite"


def damaged_path(root: Path) -> Path:
    """Return the path of a database that was set aside."""
    return root / f"v{VERSION}.damaged" / "phrases.sqlite"


def all_files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


@contextmanager
def connection(root: Path) -> Iterator[sqlite3.Connection]:
    """Connect to the database as another program does, and commit at the end."""
    with closing(sqlite3.connect(database_path(root))) as database, database:
        yield database


def warnings(records: list[logging.LogRecord]) -> list[str]:
    """Return the messages above level info."""
    return [record.getMessage() for record in records if record.levelno > logging.INFO]
