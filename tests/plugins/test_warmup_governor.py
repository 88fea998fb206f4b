"""The bounds of warming up: what it may take, when it must stop, and what it remembers of the day."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plugins.quiet_house import Clock, Feeling
from wyoming_kokoro import WarmupResult
from wyoming_kokoro_warmup.day import Day, DayFile
from wyoming_kokoro_warmup.governor import BYTES_A_SECOND, LOOK_SECONDS, MEGABYTE, REST_SECONDS, Governor, Reading
from wyoming_kokoro_warmup.settings import Settings

LOG = logging.getLogger("wyoming_kokoro.plugins.warmup")
LONG_QUIET = 1e6


def reason(governor: Governor, quiet_seconds: float = LONG_QUIET) -> str | None:
    obstacle = governor.why_not(quiet_seconds)
    return obstacle.name if obstacle else None


@pytest.mark.parametrize(
    ("reading", "name"),
    [
        (Reading(), None),
        (Reading(celsius=74.9), None),
        (Reading(celsius=75.0), "heat"),
        (Reading(on_battery=True), "battery"),
        (Reading(memory_free=0.11), None),
        (Reading(memory_free=0.09), "memory"),
        (Reading(memory_stalled=9.0), None),
        (Reading(memory_stalled=11.0), "memory"),
        (Reading(others=49.0), None),
        (Reading(others=51.0), "others"),
    ],
)
def test_the_machine_comes_first(reading: Reading, name: str | None) -> None:
    assert reason(Governor(Settings(), Clock(), Feeling(reading))) == name


@pytest.mark.parametrize(("quiet", "name"), [(0.0, "speech"), (9.9, "speech"), (10.0, None)])
def test_whoever_is_spoken_to_comes_first(quiet: float, name: str | None) -> None:
    assert reason(Governor(Settings(), Clock(), Feeling()), quiet) == name


def test_what_the_owner_can_change_is_worth_a_line() -> None:
    for reading, level in (
        (Reading(celsius=81.4), logging.INFO),
        (Reading(on_battery=True), logging.INFO),
        (Reading(others=90), logging.DEBUG),
    ):
        obstacle = Governor(Settings(), Clock(), Feeling(reading)).why_not(LONG_QUIET)
        assert obstacle is not None
        assert obstacle.level == level
    hot = Governor(Settings(celsius=60), Clock(), Feeling(Reading(celsius=81.4))).why_not(LONG_QUIET)
    assert hot is not None
    assert hot.reason == "the processor has 81 °C (celsius = 60)"


def test_a_day_has_so_many_minutes() -> None:
    clock = Clock()
    governor = Governor(Settings(minutes_a_day=1), clock, Feeling())
    governor.spend(WarmupResult(59.0, 0.0))
    assert reason(governor) is None
    governor.spend(WarmupResult(2.0, 0.0))
    assert reason(governor) == "minutes"
    clock.advance(days=1)
    assert reason(governor) is None
    assert governor.today == Day("2026-01-04")


def test_a_day_has_so_many_megabytes() -> None:
    governor = Governor(Settings(megabytes_a_day=6), Clock(), Feeling())
    governor.spend(WarmupResult(0.1, 99.0))
    assert reason(governor) is None
    governor.spend(WarmupResult(0.1, 1.0))
    assert reason(governor) == "megabytes"
    assert governor.today == Day("2026-01-03", 0.2, 100 * BYTES_A_SECOND)


def test_nothing_at_all_can_be_allowed() -> None:
    assert reason(Governor(Settings(minutes_a_day=0), Clock(), Feeling())) == "minutes"
    assert reason(Governor(Settings(megabytes_a_day=0), Clock(), Feeling())) == "megabytes"


def test_what_was_spent_before_a_restart_counts() -> None:
    clock = Clock()
    governor = Governor(Settings(minutes_a_day=1), clock, Feeling())
    governor.recall(Day("2026-01-03", 60.0, 5))
    assert reason(governor) == "minutes"
    governor.recall(Day("2026-01-02", 60.0, 5))
    assert reason(governor) is None


def test_a_warmed_machine_is_not_asked_at_every_phrase() -> None:
    """A good reading lasts a little; after a bad one it rests, so that it does not go to and fro."""
    clock, feeling = Clock(), Feeling()
    governor = Governor(Settings(), clock, feeling)
    for _ in range(5):
        assert reason(governor) is None
    assert feeling.reads == 1
    feeling.reading = Reading(celsius=90)
    clock.advance(seconds=LOOK_SECONDS)
    assert reason(governor) == "heat"
    feeling.reading = Reading()
    clock.advance(seconds=REST_SECONDS - 1)
    assert reason(governor) == "heat"
    clock.advance(seconds=1)
    assert reason(governor) is None
    assert feeling.reads == 3


def test_nobody_is_asked_while_somebody_speaks() -> None:
    feeling = Feeling()
    assert reason(Governor(Settings(), Clock(), feeling), 0.0) == "speech"
    assert feeling.reads == 0


def test_a_clock_that_is_set_back_is_no_end() -> None:
    clock, feeling = Clock(), Feeling(Reading(celsius=90))
    governor = Governor(Settings(), clock, feeling)
    assert reason(governor) == "heat"
    feeling.reading = Reading()
    clock.advance(days=-400)
    assert reason(governor) is None


@pytest.mark.parametrize(("percent", "rest"), [(100, 0.0), (50, 2.0), (25, 6.0), (10, 18.0)])
def test_work_is_followed_by_rest(percent: float, rest: float) -> None:
    governor = Governor(Settings(processor_percent=percent), Clock(), Feeling())
    assert governor.spend(WarmupResult(2.0, 3.0)) == pytest.approx(rest)
    assert governor.spend(WarmupResult()) == 0


readings = st.builds(
    Reading,
    on_battery=st.sampled_from([False, False, False, True]),
    celsius=st.none() | st.floats(20, 100),
    memory_free=st.floats(0, 1),
    memory_stalled=st.floats(0, 30),
    others=st.floats(0, 100),
)
limits = st.builds(
    Settings,
    processor_percent=st.floats(1, 100),
    minutes_a_day=st.floats(0, 3),
    megabytes_a_day=st.floats(0, 20),
    celsius=st.floats(30, 90),
    idle_seconds=st.floats(0, 60),
)
steps = st.lists(
    st.tuples(
        readings, st.floats(0, 120), st.floats(0, 20), st.floats(0, 30), st.sampled_from([0, 7, 100, 5000, 50_000])
    ),
    max_size=60,
)


@given(limits, steps)
def test_the_bounds_hold(settings: Settings, steps: Sequence[tuple[Reading, float, float, float, int]]) -> None:
    """Over days of weather: nothing begins when it must not, no day has more than its budget and the one phrase that
    crossed it, and no stretch of work is longer than its share of the time.
    """
    clock, feeling = Clock(), Feeling()
    governor = Governor(settings, clock, feeling)
    worked = rested = 0.0
    for reading, quiet, work, speech, passed in steps:
        clock.advance(seconds=passed)
        feeling.reading = reading
        obstacle = governor.why_not(quiet)
        before = governor.today
        if obstacle is None:
            assert quiet >= settings.idle_seconds
            assert before.work_seconds < settings.minutes_a_day * 60
            assert before.bytes < settings.megabytes_a_day * MEGABYTE
            if passed >= REST_SECONDS:
                assert not reading.on_battery
                assert reading.celsius is None or reading.celsius < settings.celsius
            rested += governor.spend(WarmupResult(work, speech))
            worked += work
            clock.advance(seconds=work)
        assert worked <= (worked + rested) * settings.processor_percent / 100 + 1e-6


# The day's file


def test_a_day_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "not there yet" / "warmup.json"
    assert DayFile(file, LOG).read() == Day()
    DayFile(file, LOG).write(Day("2026-01-03", 12.5, 7))
    DayFile(file, LOG).write(Day("2026-01-03", 13.5, 8))
    assert DayFile(file, LOG).read() == Day("2026-01-03", 13.5, 8)
    assert [path.name for path in file.parent.iterdir()] == ["warmup.json"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"day": 7}', b'{"work_seconds": -1}', b"\xff\xfe"])
def test_a_broken_file_is_an_empty_day(tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "warmup.json"
    file.write_bytes(content)
    kept = DayFile(file, LOG)
    assert kept.read() == Day()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    kept.write(Day("2026-01-03", 1.0, 2))
    assert kept.read() == Day("2026-01-03", 1.0, 2)


def test_a_day_that_cannot_be_kept_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "state").write_text("a file where the directory should be")
    kept = DayFile(tmp_path / "state" / "warmup.json", LOG)
    for _ in range(3):
        kept.write(Day("2026-01-03", 1.0, 2))
    assert len(caplog.records) == 1
    assert os.fspath(tmp_path) in caplog.text


def test_nothing_is_made_while_the_watchdog_says_that_memory_is_short() -> None:
    """Until it says that all is well again."""
    governor = Governor(Settings(), Clock(), Feeling())
    governor.is_short_of_memory = True
    assert reason(governor) == "memory"
    governor.is_short_of_memory = False
    assert reason(governor) is None
