"""The service: what is made in which order, when it pauses, what it tells, and that nothing ends it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx

from tests.plugins.quiet_house import EMMA, HEART, Clock, Feeling, Fixed, House, unspeakable, until
from wyoming_kokoro import Phrase, WarmupResult
from wyoming_kokoro.api.observations import SegmentFinished
from wyoming_kokoro_warmup.day import Day, DayFile
from wyoming_kokoro_warmup.governor import Governor, Reading
from wyoming_kokoro_warmup.learned import Learned
from wyoming_kokoro_warmup.service import Listening, Rhythm, Warmup
from wyoming_kokoro_warmup.settings import Settings
from wyoming_kokoro_warmup.wishes import Wishes

LOG = logging.getLogger("wyoming_kokoro.plugins.warmup")
QUICK = Rhythm(poll=0.001, list=60, rest=0.001, stumble=0.0, save=0.0, keep=0.001, recovery=0.001)


def service(house: House, folder: Path, *, settings: Settings | None = None, **parts: object) -> Warmup:
    clock, feeling, rhythm = (parts.get(name) for name in ("clock", "feeling", "rhythm"))
    governor = Governor(
        settings or Settings(processor_percent=100),
        clock if isinstance(clock, Clock) else Clock(),
        feeling if isinstance(feeling, Feeling) else Feeling(),
    )
    every = Wishes(house.warmup_strategies, house.default_voice, LOG)
    file = DayFile(folder / "warmup.json", LOG)
    return Warmup(house, every, governor, file, LOG, rhythm=rhythm if isinstance(rhythm, Rhythm) else QUICK)


@asynccontextmanager
async def running(warmup: Warmup) -> AsyncIterator[None]:
    """Run it with a loop that must not be blocked; nothing is left when it ends."""
    before = asyncio.all_tasks()
    with blockbuster_ctx(["wyoming_kokoro_warmup"]):
        async with warmup:
            yield
    assert asyncio.all_tasks() == before


def house_of(*texts: str) -> House:
    return House(warmup_strategies=[Fixed([Phrase(text, 100.0 - place) for place, text in enumerate(texts)])])


async def test_phrases_are_made_once_in_the_order_of_their_worth(tmp_path: Path) -> None:
    house = House(
        warmup_strategies=[Fixed([Phrase("b", 2.0), Phrase("c", 1.0)]), Fixed([Phrase("a", 3.0, EMMA.name)], "other")]
    )
    async with running(service(house, tmp_path)):
        await until(lambda: len(house.made) == 3)
        await asyncio.sleep(0.05)
    assert house.asked == ["a", "b", "c"], "nothing is asked for again on the same day"
    assert house.cache == {("a", "bf_emma"), ("b", None), ("c", None)}


async def test_nothing_is_begun_while_somebody_is_spoken_to(tmp_path: Path) -> None:
    house = house_of("a", "b")
    house.quiet_seconds = 0.0
    async with running(service(house, tmp_path)):
        await asyncio.sleep(0.05)
        assert house.asked == []
        house.quiet_seconds = 11.0
        await until(lambda: house.made == ["a", "b"])


async def test_work_is_followed_by_rest(tmp_path: Path) -> None:
    """After an hour of work at half speed it rests for an hour."""
    house = house_of("a", "b")
    house.takes = WarmupResult(3600.0, 1.0)
    async with running(service(house, tmp_path, settings=Settings(processor_percent=50, minutes_a_day=1440))):
        await until(lambda: house.made == ["a"])
        await asyncio.sleep(0.05)
        assert house.asked == ["a"]


async def test_a_request_in_between_makes_it_wait(tmp_path: Path) -> None:
    house = house_of("a", "b", "c")

    class Interrupted(House):
        async def warm(self, phrase: Phrase) -> WarmupResult:
            self.quiet_seconds = 0.0
            return await super().warm(phrase)

    busy = Interrupted(warmup_strategies=house.warmup_strategies)

    def made(texts: list[str]) -> bool:
        return busy.made == texts

    async with running(service(busy, tmp_path)):
        for expected in (["a"], ["a", "b"], ["a", "b", "c"]):
            await until(partial(made, expected))
            await asyncio.sleep(0.02)
            assert busy.made == expected
            busy.quiet_seconds = 11.0


async def test_a_hot_machine_rests(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    house, clock, feeling = house_of("a"), Clock(), Feeling(Reading(celsius=80))
    async with running(service(house, tmp_path, clock=clock, feeling=feeling)):
        await until(lambda: "pauses" in caplog.text)
        await asyncio.sleep(0.02)
        assert house.asked == []
        feeling.reading = Reading()
        clock.advance(minutes=2)
        await until(lambda: house.made == ["a"])
        await until(lambda: "done" in caplog.text)
    assert [record.getMessage() for record in caplog.records] == [
        "Warming up pauses: the processor has 80 °C (celsius = 75)",
        "Warming up goes on",
        "Warming up to 1 phrases while the house is quiet",
        "All 1 phrases are ready: warming up is done",
    ]


async def test_the_log_tells_how_far_it_is_but_not_what_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    house = house_of(*(f"Anna's secret {number}" for number in range(100)))
    async with running(service(house, tmp_path)):
        await until(lambda: "done" in caplog.text)
    assert [record.getMessage() for record in caplog.records] == [
        "Warming up to 100 phrases while the house is quiet",
        "25 of 100 phrases are ready",
        "50 of 100 phrases are ready",
        "75 of 100 phrases are ready",
        "All 100 phrases are ready: warming up is done",
    ]


async def test_what_is_in_the_cache_costs_nothing_and_is_not_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """So a restart goes on where the last run was."""
    caplog.set_level(logging.INFO)
    house = house_of(*map(str, range(100)))
    house.cache = {(str(number), None) for number in range(100)}
    async with running(service(house, tmp_path)):
        await until(lambda: len(house.asked) == 100)
        await asyncio.sleep(0.02)
    assert caplog.records == []
    assert not any(tmp_path.iterdir()), "nothing was spent"  # noqa: ASYNC240 the test is over


async def test_a_phrase_that_cannot_be_spoken_is_skipped(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    house = house_of("a", "b", "c")
    house.failures["b"] = unspeakable("b")
    async with running(service(house, tmp_path)):
        await until(lambda: "done" in caplog.text)
        assert house.made == ["a", "c"]
        del house.failures["b"]
        await until(lambda: house.made == ["a", "c", "b"])
    assert "2 of 3 phrases are ready: warming up is done" in caplog.text


async def test_whatever_goes_wrong_is_told_once_and_it_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    house = house_of("a", "b")
    house.failures["a"] = ZeroDivisionError("nobody thought of that")
    async with running(service(house, tmp_path)):
        await until(lambda: len(house.asked) > 5)
        del house.failures["a"]
        await until(lambda: house.made == ["a", "b"])
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert caplog.records[0].exc_info is not None


async def test_the_days_budget_outlives_a_restart(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    settings = Settings(minutes_a_day=1, processor_percent=100)
    house = house_of("a", "b", "c")
    house.takes = WarmupResult(40.0, 2.0)
    async with running(service(house, tmp_path, settings=settings)):
        await until(lambda: "minutes_a_day" in caplog.text)
    assert house.made == ["a", "b"]
    assert DayFile(tmp_path / "warmup.json", LOG).read() == Day("2026-01-03", 80.0, 240_000)
    clock = Clock()
    async with running(service(house, tmp_path, settings=settings, clock=clock)):
        await asyncio.sleep(0.05)
        assert house.made == ["a", "b"]
        clock.advance(days=1)
        await until(lambda: house.made == ["a", "b", "c"])


async def test_what_was_spent_is_kept_at_the_end(tmp_path: Path) -> None:
    """The file is written now and then only, but at the end it is true."""
    house = house_of("a", "b", "c")
    house.takes = WarmupResult(0.0, 1.0)
    rhythm = Rhythm(poll=0.001, list=60, rest=60, save=60)
    async with running(service(house, tmp_path, rhythm=rhythm)):
        await until(lambda: len(house.made) == 3)
    assert DayFile(tmp_path / "warmup.json", LOG).read() == Day("2026-01-03", 0.0, 180_000)


async def test_a_new_day_looks_at_everything_again(tmp_path: Path) -> None:
    """For the cache may have dropped some of it."""
    house, clock = house_of("a", "b"), Clock()
    async with running(service(house, tmp_path, clock=clock)):
        await until(lambda: house.made == ["a", "b"])
        house.cache.discard(("a", None))
        await asyncio.sleep(0.02)
        assert house.made == ["a", "b"], "the same day, it is left to whoever asks"
        clock.advance(days=1)
        await until(lambda: house.made == ["a", "b", "a"])


async def test_the_list_is_read_again_while_it_is_made(tmp_path: Path) -> None:
    """What became worth most meanwhile is made next."""
    strategy = Fixed([Phrase(str(number), 1.0) for number in range(10)])

    class Slow(House):
        async def warm(self, phrase: Phrase) -> WarmupResult:
            strategy.known = [*strategy.known, Phrase("urgent", 50.0)]
            await asyncio.sleep(0.01)
            return await super().warm(phrase)

    house = Slow(warmup_strategies=[strategy])
    async with running(service(house, tmp_path, rhythm=Rhythm(poll=0.001, list=0.005, rest=60))):
        await until(lambda: len(house.made) == 11)
    assert house.made[1] == "urgent"


async def test_it_can_be_left_at_any_time(tmp_path: Path) -> None:
    for moments in range(40):
        house = house_of(*map(str, range(5)))
        async with running(service(house, tmp_path)):
            for _ in range(moments):
                await asyncio.sleep(0)


async def test_what_is_heard_is_kept_now_and_then_and_at_the_end(tmp_path: Path) -> None:
    learned = Learned(tmp_path / "learned-1.sqlite", Clock(), LOG)
    learned.listen(HEART)
    with blockbuster_ctx(["wyoming_kokoro_warmup"]):
        async with Listening(learned, LOG, QUICK):
            learned.note(SegmentFinished("Bedtime", "af_heart", cached=False, seconds=1.0))
            await until((tmp_path / "learned-1.sqlite").exists)
        async with Listening(learned, LOG, Rhythm(keep=60)):
            for _ in range(4):
                learned.note(SegmentFinished("Bedtime", "af_heart", cached=False, seconds=1.0))
    assert [item.text for item in learned.phrases(HEART)] == ["Bedtime"]
