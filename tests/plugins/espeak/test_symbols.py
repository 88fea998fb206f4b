"""The symbols for espeak's phonemes of languages without a Kokoro voice."""

from __future__ import annotations

from pathlib import Path

import pytest

from wyoming_kokoro.model.vocabulary import VOCABULARY
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro_espeak import OTHER_VOICES, EspeakPlugin
from wyoming_kokoro_espeak.symbols import to_kokoro_symbols


@pytest.mark.parametrize(
    ("phonemes", "symbols"),
    [
        ("dʲˈeɭa", "dʲˈela"),
        ("mrħbˈaː bilʕˈaːlam.", "mrhbˈaː bilʔˈaːlam."),
        ("jo̞ɽɯᵝnikäke̞", "joɾɯnikake"),
        ("bɔ̃", "bɔ̃"),
        ("khˈo s.ˈi.", "kʰˈo ʂˈi."),
        ("a. b", "a. b"),
    ],
)
def test_symbol_becomes_the_nearest_of_the_vocabulary(phonemes: str, symbols: str) -> None:
    assert to_kokoro_symbols(phonemes) == symbols
    assert set(symbols) <= set(VOCABULARY)


@pytest.mark.parametrize("language", OTHER_VOICES)
def test_every_other_language_has_a_voice_in_the_library(session_folder: Path, language: str) -> None:
    phonemizer = EspeakPlugin(plugin_context("espeak", session_folder / "espeak")).kokoro_phonemizer(language)
    assert phonemizer
    assert phonemizer.phonemize("5")
