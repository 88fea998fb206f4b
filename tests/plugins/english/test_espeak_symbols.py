"""Phonemes of the real espeak, converted to misaki's symbols."""

from __future__ import annotations

from pathlib import Path

import pytest

from wyoming_kokoro.model.vocabulary import VOCABULARY
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro_english import ACCENTS
from wyoming_kokoro_english.espeak_symbols import to_misaki_symbols
from wyoming_kokoro_espeak import EspeakPlugin


def phonemize(session_folder: Path, language: str, text: str) -> str:
    phonemizer = EspeakPlugin(plugin_context("espeak", session_folder / "espeak")).kokoro_phonemizer(language)
    assert phonemizer
    return to_misaki_symbols(language, phonemizer.phonemize(text))


@pytest.mark.parametrize(
    ("text", "american", "british"),
    [
        ("Hello, world!", "həlˈO, wˈɜɹld!", "həlˈQ, wˈɜːld!"),
        ("Is it there? near the judge…", "ɪz ɪt ðˈɛɹ? nˌɪɹ ðə ʤˈʌʤ…", "ɪz ɪt ðˈɛː? nˌɪə ðə ʤˈʌʤ…"),
        ("“Now!” (my boy)", "“nˈW!” (mI bˈY)", "“nˈW!” (mI bˈY)"),
        ("five players", "fˈIv plˈAəɹz", "fˈIv plˈAəz"),
        ("button, bottle", "bˈʌtn, bˈɑTᵊl", "bˈʌtən, bˈɒtᵊl"),
        ("better water", "bˈɛTəɹ wˈɔTəɹ", "bˈɛtə wˈɔːtə"),
        ("nurse, turning", "nˈɜɹs, tˈɜɹnɪŋ", "nˈɜːs, tˈɜːnɪŋ"),
        ("chair", "ʧˈɛɹ", "ʧˈɛː"),
        ("I think I'm in", "ˌI θˈɪŋk ˌIm ˈɪn", "ˌI θˈɪŋk ˌIm ˈɪn"),
        ("guitarist", "ɡɪtˈɑɹɪst", "ɡɪtˈɑːɹɪst"),
    ],
)
def test_espeak_phonemes_are_converted(session_folder: Path, text: str, american: str, british: str) -> None:
    assert phonemize(session_folder, "en-US", text) == american
    assert phonemize(session_folder, "en-GB", text) == british


@pytest.mark.parametrize("language", ACCENTS)
def test_no_symbol_of_other_languages_remains(session_folder: Path, language: str) -> None:
    text = "Quick brown fox over the lazy dog; choir, hour, cure, naïve, uranium, Björn's loch, genres, thirty, café."
    phonemes = set(phonemize(session_folder, language, text))
    assert phonemes <= set(VOCABULARY)
    assert not phonemes & set("oeɚɐrx")
