"""A phonemizer whose phonemes are filtered."""

from __future__ import annotations

import re

import pytest

from wyoming_kokoro.api.text import Phonemizer, TextFilter
from wyoming_kokoro.text.phoneme_filters import FilteredPhonemizer


class Letters:
    version = "letters 1"
    foreign = re.compile("x")

    def phonemize(self, text: str) -> str:
        return text


SESEO = TextFilter("seseo", 1, lambda ipa: ipa.replace("θ", "s"), frozenset({"es"}))
LOUD = TextFilter("loud", 2, str.upper)


def test_filters_run_in_their_order_and_for_their_language() -> None:
    """Each phonemizer has the filters of its language."""
    assert FilteredPhonemizer.for_language(Letters(), (SESEO, LOUD), "es").phonemize("θa") == "SA"
    assert FilteredPhonemizer.for_language(Letters(), (SESEO, LOUD), "en-US").phonemize("θa") == "ΘA"


def test_a_phonemizer_without_filters_stays_itself() -> None:
    """Nothing stands between where there is nothing to do."""
    letters = Letters()
    assert FilteredPhonemizer.for_language(letters, (SESEO,), "it") is letters


def test_the_phonemizer_is_known_by_what_it_was() -> None:
    """Its version and what it cannot read are seen through."""
    filtered: Phonemizer = FilteredPhonemizer.for_language(Letters(), (LOUD,), "it")
    assert getattr(filtered, "version", "") == "letters 1"
    assert getattr(filtered, "foreign", None) is Letters.foreign


def test_a_filter_that_fails_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    """The phonemes are said as they were, and are not logged."""

    def fail(phonemes: str) -> str:
        raise ValueError(phonemes)

    assert (
        FilteredPhonemizer.for_language(Letters(), (TextFilter("bad", 1, fail), LOUD), "it").phonemize("secret")
        == "SECRET"
    )
    assert "bad failed" in caplog.text
    assert "secret" not in caplog.text
