"""Phonemes of the real espeak NG library."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from wyoming_kokoro import Phonemizer
from wyoming_kokoro.model.vocabulary import VOCABULARY, keep_known_symbols
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro_espeak import VOICES, EspeakPlugin
from wyoming_kokoro_espeak.phonemizer import PUNCTUATION


@pytest.fixture(scope="module")
def espeak(session_folder: Path) -> EspeakPlugin:
    return EspeakPlugin(plugin_context("espeak", session_folder / "espeak"))


def get_phonemizer(espeak: EspeakPlugin, language: str) -> Phonemizer:
    phonemizer = espeak.kokoro_phonemizer(language)
    assert phonemizer is not None
    return phonemizer


@pytest.fixture(scope="module")
def english(espeak: EspeakPlugin) -> Phonemizer:
    return get_phonemizer(espeak, "en-US")


@pytest.mark.parametrize(
    "text",
    [
        "Hello, world!",
        "Turned on the lights.",
        'Is it raining? Yes: it is raining (a lot); "really" — no kidding…',
        "Timer set for 1 hour, 5 minutes and 30 seconds named pizza",
        "Sorry, I am not aware of any device called lamp",
        "“Stop!” she said. What?! No...",
        "January 3rd, 2026",
        "It’s the kitchen's well-known light",
    ],
)
def test_english_phonemes_equal_those_of_kokoro_onnx(english: Phonemizer, text: str) -> None:
    tokenizer = pytest.importorskip("kokoro_onnx.tokenizer")
    assert keep_known_symbols(english.phonemize(text)) == tokenizer.Tokenizer().phonemize(text, "en-us")


@pytest.mark.parametrize(
    ("text", "phonemes"),
    [
        ("3.14", "θɹˈiː pɔɪnt wˈʌn fˈɔːɹ"),
        ("1,000", "wˈʌn θˈaʊzənd"),
        ("5.", "fˈaɪv."),
        ("(5), 6", "(fˈaɪv), sˈɪks"),
        ("", ""),
        ("?!", "?!"),
        ("a\0b", "ɐ bˈiː"),
        ("^", ""),
    ],
)
def test_punctuation_is_kept_unless_it_belongs_to_a_number(english: Phonemizer, text: str, phonemes: str) -> None:
    assert english.phonemize(text) == phonemes


@pytest.mark.parametrize("language", VOICES)
def test_every_language_has_a_voice_in_the_library(espeak: EspeakPlugin, language: str) -> None:
    assert keep_known_symbols(get_phonemizer(espeak, language).phonemize("radio, 5"))


def test_english_is_unchanged_after_another_language(espeak: EspeakPlugin, english: Phonemizer) -> None:
    before = english.phonemize("village")
    french = get_phonemizer(espeak, "fr-FR").phonemize("village")
    assert english.phonemize("village") == before != french


def test_marks_of_language_switches_are_removed(espeak: EspeakPlugin) -> None:
    """espeak marks foreign words with `(en)` and `(fr)`."""
    assert "(" not in get_phonemizer(espeak, "fr-FR").phonemize("le football et le weekend")


def test_foreign_and_joined_words_are_not_logged(espeak: EspeakPlugin, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        get_phonemizer(espeak, "fr-FR").phonemize("le football")
        get_phonemizer(espeak, "en-US").phonemize("turned on the lights in 1,000 rooms")
    assert not caplog.records


def test_punctuation_of_the_vocabulary_is_kept() -> None:
    assert {symbol for symbol in VOCABULARY if symbol in ';:,.!?—…"()“”'} <= set(PUNCTUATION)
