"""Limits: the size of the file, the order of eviction, and the maximum age."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.fake_clock import FakeClock
from tests.helpers.phrase_cache_fixtures import (
    DAY_SECONDS,
    LOG,
    OFTEN,
    SteppingClock,
    all_files,
    cached,
    database_path,
    is_hit,
    noise,
    open_cache,
    phrase_key,
    put,
    text_key,
    until,
)
from wyoming_kokoro_phrase_cache.store import Limits, PhraseStore
from wyoming_kokoro_phrase_cache.usage import UsageLog

MEGABYTE = 1_000_000
NOW = 1_800_000_000.0


@contextmanager
def open_store(root: Path, size: int = 10 * MEGABYTE, max_age: float = 90 * DAY_SECONDS) -> Iterator[PhraseStore]:
    """Open the store on this thread."""
    path = database_path(root)
    path.parent.mkdir(exist_ok=True)
    path.touch()
    with closing(PhraseStore(path, Limits(size, max_age), LOG)) as store:
        yield store


def put_all(store: PhraseStore, numbers: Iterable[int], now: float = NOW) -> None:
    for number in numbers:
        assert store.put(phrase_key(number), noise(number), 0.5, now)


def stored(store: PhraseStore, numbers: Iterable[int]) -> list[int]:
    return [number for number in numbers if store.has(phrase_key(number).digest)]


def remove_all_excess(store: PhraseStore, now: float) -> None:
    while store.remove_excess(now):
        pass


async def test_file_stays_within_its_limit(tmp_path: Path) -> None:
    """Five times as much is written as fits, while phrases are read."""
    limit, largest = 2 * MEGABYTE, 0
    async with open_cache(tmp_path, size=limit) as cache:
        for number in range(500):
            await put(cache, number)
            cache.put_phonemes(text_key(number), "a" * 300)
            await is_hit(cache, number - 50)
            largest = max(largest, sum(file.stat().st_size for file in all_files(tmp_path)))
        stats = await cache.stats()
    assert limit * 0.9 < stats.disk_bytes <= limit
    # The write-ahead log comes on top.
    assert largest < limit + 5 * MEGABYTE
    (file,) = all_files(tmp_path)
    assert file.stat().st_size < limit * 1.02


async def test_phrase_larger_than_the_limit_evicts_nothing(tmp_path: Path) -> None:
    async with open_cache(tmp_path, size=MEGABYTE) as cache:
        await put(cache, *range(10))
        cache.put(phrase_key(10), noise(10, 1_000_000), 5.0)
        await cache.flush()
        assert await cached(cache, *range(11)) == [*range(10)]


async def test_frequently_used_phrases_stay(tmp_path: Path) -> None:
    async with open_cache(tmp_path, size=MEGABYTE) as cache:
        await put(cache, *range(5))
        for number in range(5, 200):
            for favourite in range(5):
                assert await is_hit(cache, favourite)
            await put(cache, number)
        assert await cached(cache, *range(5)) == [*range(5)]
        assert (await cache.stats()).phrases < 60


async def test_former_favourite_is_evicted_in_the_end(tmp_path: Path) -> None:
    async with open_cache(tmp_path, size=MEGABYTE) as cache:
        await put(cache, 0)
        for _ in range(3):
            assert await is_hit(cache, 0)
        await put(cache, *range(1, 60))
        assert await cached(cache, 0)
        await put(cache, *range(60, 400))
        assert not await cached(cache, 0)


def test_small_phrase_outlives_a_large_one_of_the_same_cost(tmp_path: Path) -> None:
    with open_store(tmp_path, size=MEGABYTE) as store:
        store.put(phrase_key(0), noise(0), 5.0, NOW)
        store.put(phrase_key(1), noise(1, 120_000), 5.0, NOW)
        put_all(store, range(2, 100))
        assert stored(store, [0, 1]) == [0]


@pytest.mark.parametrize("seed", range(3))
def test_phrase_of_lowest_worth_is_always_evicted_first(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    size, evicted_worth = 0, 0.0
    worths: dict[int, float] = {}
    uses: dict[int, int] = {}
    with open_store(tmp_path, size=400_000) as store:
        for _ in range(200):
            number = dice.randrange(60)
            if number in worths:
                store.add_usage(UsageLog(hits=1, plays=_counter(phrase_key(number).digest)), NOW)
                uses[number] += 1
            else:
                assert store.put(phrase_key(number), noise(number), 0.5, NOW)
                uses[number] = 0
            size = size or store.phrases()[0].bytes
            evicted = sorted(set(worths) - set(stored(store, worths)), key=worths.__getitem__)
            for phrase in evicted:
                evicted_worth = worths.pop(phrase)
                assert evicted_worth <= min(worths.values())
            worths[number] = evicted_worth + (uses[number] + 1) * 0.5 / size
            assert stored(store, range(60)) == sorted(worths)


def _counter(digest: bytes) -> Counter[bytes]:
    return Counter([digest])


def test_phonemes_are_bounded_and_the_most_recent_stay(tmp_path: Path) -> None:
    with open_store(tmp_path, size=400_000) as store:
        for number in range(3000):
            store.put_phonemes(text_key(number), "a" * 100, NOW + number)
        assert store.totals().bytes <= 400_000
        found = [number for number in range(3000) if store.phonemes(text_key(number).digest) is not None]
        assert found == [*range(3000 - len(found), 3000)]
        assert len(found) > 500
        store.put_phonemes(text_key(0), "a" * MEGABYTE, NOW)
        assert store.phonemes(text_key(0).digest) is None


def test_lower_limit_shrinks_the_file(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        put_all(store, range(400))
    with open_store(tmp_path, size=MEGABYTE) as store:
        assert not store.put(phrase_key(400), noise(400), 0.5, NOW), "one write does not evict hundreds of phrases"
        remove_all_excess(store, NOW)
        assert 0 < store.totals().bytes <= MEGABYTE
        for number in stored(store, range(401)):
            np.testing.assert_array_equal(store.recording(phrase_key(number).digest), noise(number))
    # One megabyte of free pages may stay.
    assert database_path(tmp_path).stat().st_size < 2.2 * MEGABYTE


def test_unused_rows_are_deleted_after_the_maximum_age(tmp_path: Path) -> None:
    with open_store(tmp_path, max_age=10 * DAY_SECONDS) as store:
        put_all(store, range(300))
        for number in range(2):
            store.put_phonemes(text_key(number), "a", NOW)
        used = UsageLog(hits=1, plays=_counter(phrase_key(7).digest), texts={text_key(1).digest})
        store.add_usage(used, NOW + 5 * DAY_SECONDS)
        remove_all_excess(store, NOW + 9 * DAY_SECONDS)
        assert stored(store, range(300)) == [*range(300)]
        remove_all_excess(store, NOW + 11 * DAY_SECONDS)
        assert stored(store, range(300)) == [7]
        assert [store.phonemes(text_key(number).digest) for number in range(2)] == [None, "a"]
        remove_all_excess(store, NOW + 16 * DAY_SECONDS)
        assert store.totals().phrases == 0
        assert store.phonemes(text_key(1).digest) is None


def test_clock_that_was_set_back_expires_nothing(tmp_path: Path) -> None:
    """A Raspberry Pi without a battery clock starts in the past."""
    with open_store(tmp_path, max_age=10 * DAY_SECONDS) as store:
        put_all(store, [1])
        store.put_phonemes(text_key(1), "a", NOW)
        past = UsageLog(hits=1, plays=_counter(phrase_key(1).digest), texts={text_key(1).digest})
        store.add_usage(past, NOW - 1000 * DAY_SECONDS)
        remove_all_excess(store, NOW + DAY_SECONDS)
        assert stored(store, [1]) == [1]
        assert store.phonemes(text_key(1).digest) == "a"


@pytest.mark.parametrize("cost", [float("nan"), float("inf"), -1.0, 0.0])
def test_invalid_cost_does_not_break_eviction(tmp_path: Path, cost: float) -> None:
    with open_store(tmp_path, size=MEGABYTE) as store:
        for number in range(60):
            assert store.put(phrase_key(number), noise(number), cost, NOW)
        assert 10 < store.totals().phrases < 60


async def test_maintenance_deletes_expired_phrases_of_a_running_server(tmp_path: Path) -> None:
    clock = SteppingClock()
    async with open_cache(tmp_path, days=1, clock=clock, maintenance=OFTEN) as cache:
        await put(cache, 1)
        clock.now += 2 * DAY_SECONDS
        await put(cache, 2)

        async def is_expired() -> bool:
            return await cached(cache, 1, 2) == [2]

        await until(is_expired)


YEAR_SECONDS = 365 * DAY_SECONDS


@pytest.mark.parametrize("wrong", [1000.0, NOW + YEAR_SECONDS])
@pytest.mark.parametrize("restarts", [False, True])
async def test_wrong_clock_loses_no_phrase(tmp_path: Path, wrong: float, restarts: bool) -> None:
    """Some phrases are used before, some while and some after the clock is wrong for a minute."""
    clock, monotonic = FakeClock(NOW), FakeClock()

    async def use(number: int) -> None:
        await put(cache, number)
        assert await is_hit(cache, number)
        monotonic.now += 60
        await asyncio.sleep(3 * OFTEN)

    caches = [partial(open_cache, tmp_path, clock=clock, monotonic=monotonic, maintenance=OFTEN)] * 3
    async with caches[0]() as cache:
        await use(0)
        if not restarts:
            for number, clock.now in ((1, wrong), (2, NOW)):
                await use(number)
    if restarts:
        for number, clock.now in ((1, wrong), (2, NOW)):
            async with caches[number]() as cache:
                await use(number)
    async with open_cache(tmp_path, clock=clock, monotonic=monotonic, maintenance=OFTEN) as cache:
        await asyncio.sleep(3 * OFTEN)
        assert await cached(cache, 0, 1, 2) == [0, 1, 2]
        newest, *_ = await cache.phrases()
        assert newest.used_at == pytest.approx(NOW, abs=2 * DAY_SECONDS)


async def test_phrases_survive_an_absence_of_any_length(tmp_path: Path) -> None:
    clock = SteppingClock()
    async with open_cache(tmp_path, clock=clock) as cache:
        await put(cache, 1)
    clock.now += YEAR_SECONDS
    async with open_cache(tmp_path, clock=clock, maintenance=OFTEN) as cache:
        await put(cache, 2)
        await asyncio.sleep(3 * OFTEN)
        assert await cached(cache, 1, 2) == [1, 2]
