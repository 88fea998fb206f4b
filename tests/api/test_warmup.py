from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.warmup_fakes import HEART, FixedStrategy
from wyoming_kokoro import Phrase, PhraseQueue, Voice
from wyoming_kokoro.api import warmup

LOG = logging.getLogger("wyoming_kokoro")


class BrokenStrategy:
    """Fails after its first phrase."""

    name = "broken"

    def phrases(self, default: Voice) -> Iterator[Phrase]:
        yield Phrase("First", 5.0)
        raise ZeroDivisionError

    def forget(self) -> None:
        pass


def read(*strategies: FixedStrategy | BrokenStrategy) -> list[Phrase]:
    return PhraseQueue(strategies, HEART, LOG).read()


def test_duplicate_phrases_keep_the_highest_rate() -> None:
    first = FixedStrategy([Phrase("a", 1.0), Phrase("b", 9.0)])
    second = FixedStrategy([Phrase("c", 5.0), Phrase("a", 7.0), Phrase("a", 2.0, "bf_emma")])
    assert read(first, second) == [Phrase("b", 9.0), Phrase("a", 7.0), Phrase("c", 5.0), Phrase("a", 2.0, "bf_emma")]


def test_of_equal_rates_the_shorter_phrase_comes_first() -> None:
    """Several short phrases can be synthesized in the time of a long one."""
    long, short = Phrase("The living room blinds are open.", 1.0), Phrase("It is open.", 1.0)
    assert read(FixedStrategy([long, short])) == [short, long]
    assert read(FixedStrategy([Phrase(long.text, 3.0), short])) == [Phrase(long.text, 3.0), short]


def test_named_default_voice_equals_no_voice() -> None:
    assert read(FixedStrategy([Phrase("a", 1.0), Phrase("a", 2.0, HEART.name)])) == [Phrase("a", 2.0)]


def test_phrases_without_text_or_rate_are_dropped() -> None:
    useless = [Phrase("a", 0.0), Phrase("b", -1.0), Phrase("c", float("nan")), Phrase("  ", 1.0)]
    assert read(FixedStrategy(useless)) == []


def test_queue_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warmup, "MAX_PHRASES", 3)
    phrases = read(FixedStrategy([Phrase(str(number), 1.0 + number) for number in range(10)]))
    assert [phrase.text for phrase in phrases] == ["9", "8", "7"]


def test_failing_strategy_is_logged_once_and_the_others_are_read(caplog: pytest.LogCaptureFixture) -> None:
    queue = PhraseQueue([BrokenStrategy(), FixedStrategy([Phrase("a", 1.0)])], HEART, LOG)
    for _ in range(3):
        assert [phrase.text for phrase in queue.read()] == ["First", "a"]
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "broken" in caplog.text


phrase = st.builds(Phrase, st.text("ab ", max_size=3), st.floats(-1, 100), st.sampled_from([None, "af_heart", "x"]))


@given(st.lists(st.lists(phrase)))
def test_queue_is_sorted_and_complete_without_duplicates(known: Sequence[Sequence[Phrase]]) -> None:
    phrases = read(*(FixedStrategy(some) for some in known))
    gains = [phrase.benefit for phrase in phrases]
    assert gains == sorted(gains, reverse=True)
    assert len({(phrase.text, phrase.voice) for phrase in phrases}) == len(phrases)
    useful = {(item.text, item.voice or "af_heart") for some in known for item in some if item.requests_per_day > 0}
    assert {(item.text, item.voice or "af_heart") for item in phrases} == {key for key in useful if key[0].strip()}
