"""Phrase caches in a folder with a clock that the test sets, and a look into their files."""

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
from wyoming_kokoro_phrase_cache.sqlite_tier import SqliteTier
from wyoming_kokoro_phrase_cache.tiers import TieredPhraseCache
from wyoming_kokoro_phrase_cache.upkeep import Pace
from wyoming_kokoro_phrase_cache.usage import UsageLog
from wyoming_kokoro_phrase_cache.writable import Limits

LOG = logging.getLogger("wyoming_kokoro.plugins.phrase_cache")
DAY = 86_400.0
NEVER = Pace(pause=3600)
OFTEN = Pace(pause=0.01, idle=30, round=3600)


class Clock:
    """Tells the time that it was set to, and goes a millisecond with each look."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


@asynccontextmanager
async def shelf(
    folder: Path,
    *,
    size: int = 10_000_000,
    memory: int = 0,
    days: float = 90,
    clock: Callable[[], float] = time.time,
    pace: Pace = NEVER,
) -> AsyncIterator[PhraseCache]:
    """Open a cache, by default one with nothing in memory, so that all that is heard comes from the disk."""
    ledger = UsageLog(clock)
    disk = SqliteTier(folder, Limits(size, days * DAY), ledger, clock, LOG, pace=pace)
    cache = TieredPhraseCache(memory, disk, ledger, clock)
    await cache.open()
    try:
        yield cache
    finally:
        await cache.close()


def key(number: int, fingerprint: str = "model") -> PhraseKey:
    return PhraseKey(fingerprint, "af_heart", 1.0, f"phonemes {number}")


def text(number: int, fingerprint: str = "rules") -> TextKey:
    return TextKey(fingerprint, "en-US", f"text {number}")


def sound(number: int, samples: int = 12_000) -> Pcm:
    """Return noise, of which 12 000 samples take about 20 kB."""
    return np.random.default_rng(number).integers(-3000, 3000, samples).astype(np.int16)


async def put(cache: PhraseCache, *numbers: int, cost: float = 0.5, fingerprint: str = "model") -> None:
    """Put phrases one after the other, and wait until they are kept."""
    for number in numbers:
        cache.put(key(number, fingerprint), sound(number), cost)
        await cache.flush()


async def has(cache: PhraseCache, *numbers: int, fingerprint: str = "model") -> list[int]:
    """Return which of the phrases are kept."""
    return [number for number in numbers if await cache.has(key(number, fingerprint))]


async def is_heard(cache: PhraseCache, number: int) -> bool:
    """Return whether a phrase is there; if so, it is as it was put."""
    chunks = await cache.get(key(number))
    if chunks is None:
        return False
    np.testing.assert_array_equal(np.concatenate([chunk async for chunk in chunks]), sound(number))
    return True


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    """Wait until `condition` holds."""
    end = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < end, "it does not come to pass"
        await asyncio.sleep(0.01)


def files(folder: Path) -> list[Path]:
    """Return the databases, the newest last."""
    return sorted(folder.glob("*.sqlite"))


def contents(folder: Path) -> list[Path]:
    """Return everything in a folder."""
    return sorted(folder.iterdir())


@contextmanager
def inside(folder: Path) -> Iterator[sqlite3.Connection]:
    """Open the newest database as a stranger would; what is done counts at the end."""
    with closing(sqlite3.connect(files(folder)[-1])) as connection, connection:
        yield connection


def warnings(records: list[logging.LogRecord]) -> list[str]:
    """Return what was said above info."""
    return [record.getMessage() for record in records if record.levelno > logging.INFO]
