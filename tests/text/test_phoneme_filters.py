"""Filters of phonemes."""

from __future__ import annotations

import re

import pytest

from wyoming_kokoro.api.text import Phonemizer, TextFilter
from wyoming_kokoro.text.phoneme_filters import FilteredPhonemizer


class LetterPhonemizer:
    version = "letters 1"
    foreign = re.compile("x")

    def phonemize(self, text: str) -> str:
        return text


SESEO = TextFilter("seseo", 1, lambda ipa: ipa.replace("θ", "s"), frozenset({"es"}))
CAPITALS = TextFilter("capitals", 2, str.upper)


def test_filters_run_in_order_and_for_their_language() -> None:
    assert FilteredPhonemizer.for_language(LetterPhonemizer(), (SESEO, CAPITALS), "es").phonemize("θa") == "SA"
    assert FilteredPhonemizer.for_language(LetterPhonemizer(), (SESEO, CAPITALS), "en-US").phonemize("θa") == "ΘA"


def test_phonemizer_without_filters_is_returned_itself() -> None:
    phonemizer = LetterPhonemizer()
    assert FilteredPhonemizer.for_language(phonemizer, (SESEO,), "it") is phonemizer


def test_filtered_phonemizer_has_the_version_and_foreign_pattern_of_the_phonemizer() -> None:
    filtered: Phonemizer = FilteredPhonemizer.for_language(LetterPhonemizer(), (CAPITALS,), "it")
    assert getattr(filtered, "version", "") == "letters 1"
    assert getattr(filtered, "foreign", None) is LetterPhonemizer.foreign


def test_failing_filter_is_skipped_without_logging_the_phonemes(caplog: pytest.LogCaptureFixture) -> None:
    def fail(phonemes: str) -> str:
        raise ValueError(phonemes)

    filters = (TextFilter("bad", 1, fail), CAPITALS)
    assert FilteredPhonemizer.for_language(LetterPhonemizer(), filters, "it").phonemize("secret") == "SECRET"
    assert "bad failed" in caplog.text
    assert "secret" not in caplog.text
