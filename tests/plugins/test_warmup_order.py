"""What is made first, out of what all strategies know, and what the owner is told of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plugins.quiet_house import HEART, Fixed
from wyoming_kokoro import Phrase, Voice
from wyoming_kokoro_warmup import wishes
from wyoming_kokoro_warmup.governor import Obstacle
from wyoming_kokoro_warmup.progress import FEW, Progress
from wyoming_kokoro_warmup.wishes import Wishes

LOG = logging.getLogger("wyoming_kokoro.plugins.warmup")


class Broken:
    """A strategy of a third party that fails after its first phrase."""

    name = "broken"

    def phrases(self, default: Voice) -> Iterator[Phrase]:
        yield Phrase("First", 5.0)
        raise ZeroDivisionError

    def forget(self) -> None:
        pass


# The list


def read(*strategies: Fixed | Broken) -> list[Phrase]:
    return Wishes(strategies, HEART, LOG).read()


def test_the_strategies_are_merged_by_worth() -> None:
    first = Fixed([Phrase("a", 1.0), Phrase("b", 9.0)])
    second = Fixed([Phrase("c", 5.0), Phrase("a", 7.0), Phrase("a", 2.0, "bf_emma")])
    assert read(first, second) == [Phrase("b", 9.0), Phrase("a", 7.0), Phrase("c", 5.0), Phrase("a", 2.0, "bf_emma")]


def test_of_two_that_are_worth_the_same_the_short_one_is_made_first() -> None:
    """Time is short: in that of the long one, several short ones are made."""
    long, short = Phrase("The living room blinds are open.", 1.0), Phrase("It is open.", 1.0)
    assert read(Fixed([long, short])) == [short, long]
    assert read(Fixed([Phrase(long.text, 3.0), short])) == [Phrase(long.text, 3.0), short]


def test_the_default_voice_is_no_other_voice() -> None:
    assert read(Fixed([Phrase("a", 1.0), Phrase("a", 2.0, HEART.name)])) == [Phrase("a", 2.0)]


def test_what_is_worth_nothing_is_left_out() -> None:
    assert read(Fixed([Phrase("a", 0.0), Phrase("b", -1.0), Phrase("c", float("nan")), Phrase("  ", 1.0)])) == []


def test_there_is_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wishes, "MOST", 3)
    found = read(Fixed([Phrase(str(number), 1.0 + number) for number in range(10)]))
    assert [phrase.text for phrase in found] == ["9", "8", "7"]


def test_a_strategy_that_fails_takes_nobody_with_it(caplog: pytest.LogCaptureFixture) -> None:
    every = Wishes([Broken(), Fixed([Phrase("a", 1.0)])], HEART, LOG)
    for _ in range(3):
        assert [phrase.text for phrase in every.read()] == ["First", "a"]
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "broken" in caplog.text


phrase = st.builds(Phrase, st.text("ab ", max_size=3), st.floats(-1, 100), st.sampled_from([None, "af_heart", "x"]))


@given(st.lists(st.lists(phrase)))
def test_a_list_is_sorted_and_has_nothing_twice(known: Sequence[Sequence[Phrase]]) -> None:
    found = read(*(Fixed(some) for some in known))
    gain = [item.benefit for item in found]
    assert gain == sorted(gain, reverse=True)
    assert len({(item.text, item.voice) for item in found}) == len(found)
    wanted = {(item.text, item.voice or "af_heart") for some in known for item in some if item.requests_per_day > 0}
    assert {(item.text, item.voice or "af_heart") for item in found} == {key for key in wanted if key[0].strip()}


# The log


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.INFO]


def test_a_few_new_phrases_are_not_worth_a_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    progress = Progress(LOG)
    progress.begin(1000, 1000)
    progress.finish(1000, 1000)
    caplog.clear()
    progress.begin(FEW - 1, 1000)
    progress.step(0, 1000)
    progress.finish(1000, 1000)
    assert told(caplog) == []
    progress.begin(FEW, 1000)
    assert len(told(caplog)) == 1


def test_an_obstacle_is_told_once_an_hour(caplog: pytest.LogCaptureFixture) -> None:
    """However often it comes and goes; what the owner can do nothing about is not told at all."""
    caplog.set_level(logging.INFO)
    now = 0.0
    progress = Progress(LOG, lambda: now)
    heat, others = Obstacle("heat", "hot", logging.INFO), Obstacle("others", "busy", logging.DEBUG)
    for _ in range(10):
        progress.pause(heat)
        progress.pause(heat)
        progress.resume()
        progress.pause(others)
        progress.resume()
        now += 60
    assert told(caplog) == ["Warming up pauses: hot", "Warming up goes on"]
    now += 3600
    progress.pause(heat)
    assert told(caplog)[2:] == ["Warming up pauses: hot"]
