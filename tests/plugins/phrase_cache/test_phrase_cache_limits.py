"""The limits of the phrase cache: what is kept when not all can be, and what is tidied up when nobody is there."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.phrase_cache_fixtures import (
    DAY,
    OFTEN,
    Clock,
    contents,
    files,
    has,
    is_heard,
    key,
    put,
    shelf,
    sound,
    text,
    until,
)
from wyoming_kokoro import PhraseKey
from wyoming_kokoro_phrase_cache.folder import Folder
from wyoming_kokoro_phrase_cache.maintenance import tidy
from wyoming_kokoro_phrase_cache.usage import UsageLog
from wyoming_kokoro_phrase_cache.writable import Limits, WritablePhraseStore

MEGABYTE = 1_000_000
NOW = 1_800_000_000.0


@contextmanager
def written(folder: Path, size: int = 10 * MEGABYTE, age: float = 90 * DAY) -> Iterator[WritablePhraseStore]:
    """Open the file without any threads."""
    with closing(WritablePhraseStore.opened(Folder(folder).begun(), Limits(size, age))) as opened:
        yield opened


def keep(opened: WritablePhraseStore, numbers: Iterable[int], now: float, fingerprint: str = "model") -> None:
    for number in numbers:
        assert opened.keep(key(number, fingerprint), sound(number), 0.5, now)


def kept(opened: WritablePhraseStore, numbers: Iterable[int], fingerprint: str = "model") -> list[int]:
    return [number for number in numbers if opened.has(key(number, fingerprint).digest)]


def tidied(opened: WritablePhraseStore, now: float, *fingerprints: str) -> None:
    """Tidy up to the end."""
    while tidy(opened, fingerprints, now):
        pass


async def test_the_file_stays_in_its_bounds(tmp_path: Path) -> None:
    """When five times as much is written as fits, also while somebody reads."""
    limit, largest = 2 * MEGABYTE, 0
    async with shelf(tmp_path, size=limit) as cache:
        for number in range(500):
            await put(cache, number)
            cache.put_phonemes(text(number), "a" * 300)
            await is_heard(cache, number - 50)
            largest = max(largest, sum(file.stat().st_size for file in contents(tmp_path)))
        stats = await cache.stats()
    assert limit * 0.9 < stats.bytes <= limit
    assert largest < limit + 1.6 * MEGABYTE  # the journal
    (file,) = contents(tmp_path)
    assert file.stat().st_size < limit * 1.02


async def test_what_is_larger_than_the_limit_pushes_nothing_out(tmp_path: Path) -> None:
    async with shelf(tmp_path, size=MEGABYTE) as cache:
        await put(cache, *range(10))
        cache.put(key(10), sound(10, 1_000_000), 5.0)
        await cache.flush()
        assert await has(cache, *range(11)) == [*range(10)]


async def test_what_is_used_often_stays(tmp_path: Path) -> None:
    async with shelf(tmp_path, size=MEGABYTE) as cache:
        await put(cache, *range(5))
        for number in range(5, 200):
            for favourite in range(5):
                assert await is_heard(cache, favourite)
            await put(cache, number)
        assert await has(cache, *range(5)) == [*range(5)]
        assert (await cache.stats()).phrases < 60


async def test_a_favourite_of_the_past_goes_in_the_end(tmp_path: Path) -> None:
    async with shelf(tmp_path, size=MEGABYTE) as cache:
        await put(cache, 0)
        for _ in range(3):
            assert await is_heard(cache, 0)
        await put(cache, *range(1, 60))
        assert await has(cache, 0)
        await put(cache, *range(60, 400))
        assert not await has(cache, 0)


async def test_what_is_dear_stays_longer_than_what_is_large(tmp_path: Path) -> None:
    with written(tmp_path, size=MEGABYTE) as opened:
        opened.keep(key(0), sound(0), 5.0, NOW)
        opened.keep(key(1), sound(1, 120_000), 5.0, NOW)
        keep(opened, range(2, 100), NOW)
        assert kept(opened, [0, 1]) == [0]


@pytest.mark.parametrize("seed", range(5))
def test_eviction_is_greedy_dual_size_frequency(tmp_path: Path, seed: int) -> None:
    """Which is written here once more, without a database."""
    dice = random.Random(seed)
    limit, floor = 400_000, 0.0
    sizes: dict[int, int] = {}
    worths: dict[int, float] = {}
    costs: dict[int, float] = {}
    uses: dict[int, int] = {}
    ledger = UsageLog(lambda: NOW)
    with written(tmp_path, size=limit) as opened:
        for _ in range(200):
            number = dice.randrange(60)
            if number in worths:
                ledger.hit(key(number).digest)
                opened.note(ledger.take(), ())
                uses[number] += 1
            else:
                costs[number], uses[number] = dice.uniform(0.1, 3), 0
                opened.keep(key(number), sound(number, dice.randrange(2000, 30_000)), costs[number], NOW)
                sizes[number] = {row.digest: row.bytes for row in opened.listing()}[key(number).digest.hex()]
                while sum(sizes[it] for it in worths) + sizes[number] > limit - limit // 16:
                    worst = min(worths, key=lambda it: worths[it])
                    floor = worths.pop(worst)
            worths[number] = floor + (uses[number] + 1) * costs[number] / sizes[number]
            assert kept(opened, range(60)) == sorted(worths)


def test_phonemes_have_a_part_of_the_room(tmp_path: Path) -> None:
    with written(tmp_path, size=MEGABYTE) as opened:
        for number in range(1000):
            opened.keep_phonemes(text(number), "a" * 100, NOW + number)
        assert opened.totals().phoneme_bytes <= MEGABYTE // 16
        found = [number for number in range(1000) if opened.phonemes(text(number)) is not None]
        assert found == [*range(1000 - len(found), 1000)]
        assert len(found) > 100
        opened.keep_phonemes(text(0), "a" * MEGABYTE, NOW)
        assert opened.phonemes(text(0)) is None


def test_a_lower_limit_shrinks_the_file(tmp_path: Path) -> None:
    with written(tmp_path) as opened:
        keep(opened, range(300), NOW)
    with written(tmp_path, size=MEGABYTE) as opened:
        assert not opened.keep(key(300), sound(300), 0.5, NOW)  # not while there is too much
        tidied(opened, NOW)
        totals = opened.totals()
        assert 0 < totals.bytes <= MEGABYTE
        for number in kept(opened, range(301)):
            np.testing.assert_array_equal(opened.recording(key(number).digest), sound(number))
    (file,) = files(tmp_path)
    assert file.stat().st_size < 2.2 * MEGABYTE  # a megabyte may be free


def test_what_nobody_used_for_the_age_goes(tmp_path: Path) -> None:
    ledger = UsageLog(lambda: NOW + 5 * DAY)
    with written(tmp_path, age=10 * DAY) as opened:
        keep(opened, range(200), NOW)
        for number in range(2):
            opened.keep_phonemes(text(number), "a", NOW)
        ledger.hit(key(7).digest)
        ledger.read(text(1).digest)
        opened.note(ledger.take(), ())
        tidied(opened, NOW + 9 * DAY)
        assert kept(opened, range(200)) == [*range(200)]
        tidied(opened, NOW + 11 * DAY)
        assert kept(opened, range(200)) == [7]
        assert [opened.phonemes(text(number)) for number in range(2)] == [None, "a"]
        tidied(opened, NOW + 16 * DAY)
        assert opened.totals()[:4] == (0, 0, 0, 0)


def test_a_generation_goes_a_week_after_it_was_replaced(tmp_path: Path) -> None:
    with written(tmp_path) as opened:
        keep(opened, range(100), NOW, "old")
        opened.keep_phonemes(text(1, "old"), "a", NOW)
        keep(opened, range(3), NOW + DAY, "new")
        opened.keep_phonemes(text(1, "new"), "b", NOW + DAY)
        for day in (6, 7):  # the new one is used, but not for a week more than the old one
            tidied(opened, NOW + day * DAY, "new")
        assert kept(opened, range(100), "old") == [*range(100)]
        tidied(opened, NOW + 8 * DAY, "new")
        assert kept(opened, range(100), "old") == []
        assert opened.phonemes(text(1, "old")) is None
        assert kept(opened, range(3), "new") == [0, 1, 2]
        assert opened.phonemes(text(1, "new")) == "b"
        assert opened.database.rows("SELECT count(*) FROM generations") == [(2,)]


def test_the_generations_of_two_servers_both_stay(tmp_path: Path) -> None:
    with written(tmp_path) as opened:
        keep(opened, [1], NOW, "one")
        keep(opened, [1], NOW, "other")
        for day in range(30):
            tidied(opened, NOW + day * DAY, "one")
            tidied(opened, NOW + day * DAY + 1, "other")
        assert kept(opened, [1], "one") == kept(opened, [1], "other") == [1]


def test_after_holidays_everything_is_there(tmp_path: Path) -> None:
    """A server that was off finds what it left, though for weeks nobody has used it."""
    with written(tmp_path) as opened:
        keep(opened, [1], NOW)
        opened.keep_phonemes(text(1), "a", NOW)
        opened.keep_phonemes(text(1, "newer rules"), "a", NOW + 30 * DAY)
        tidied(opened, NOW + 30 * DAY)
        assert kept(opened, [1]) == [1]
        assert opened.phonemes(text(1)) is None


def test_a_clock_that_was_wrong_once_costs_nothing(tmp_path: Path) -> None:
    with written(tmp_path) as opened:
        keep(opened, [1], NOW + 1000 * DAY, "from the future")
        keep(opened, [1], NOW)
        tidied(opened, NOW + 1, "model")
        assert kept(opened, [1]) == [1]


@pytest.mark.parametrize("cost", [float("nan"), float("inf"), -1.0, 0.0])
def test_any_cost_will_do(tmp_path: Path, cost: float) -> None:
    with written(tmp_path, size=MEGABYTE) as opened:
        for number in range(60):
            assert opened.keep(PhraseKey("model", "v", float("nan"), f"{number}"), sound(number), cost, NOW)
        assert 10 < opened.totals().phrases < 60


async def test_it_is_tidied_up_when_nobody_is_there(tmp_path: Path) -> None:
    clock = Clock()
    async with shelf(tmp_path, days=1, clock=clock, pace=OFTEN) as cache:
        await put(cache, 1)
        clock.now += 2 * DAY
        await put(cache, 2)  # somebody is there
        await asyncio.sleep(0.2)
        assert await has(cache, 1, 2) == [1, 2]
        clock.now += 60

        async def only_the_second() -> bool:
            return await has(cache, 1, 2) == [2]

        await until(only_the_second)
