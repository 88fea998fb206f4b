"""Phonemes by espeak NG, by its real library."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from wyoming_kokoro import ConfigError, Phonemizer, PluginContext, PluginUnavailable
from wyoming_kokoro.model.vocabulary import VOCABULARY, keep_known_symbols
from wyoming_kokoro_espeak import VOICES, Espeak
from wyoming_kokoro_espeak.library import Library, first_loadable
from wyoming_kokoro_espeak.phonemizer import MARKS


def context(folder: Path, **table: Any) -> PluginContext:
    return PluginContext("espeak", folder, folder, logging.getLogger("espeak"), table)


@pytest.fixture(scope="module")
def espeak(tmp_path_factory: pytest.TempPathFactory) -> Espeak:
    return Espeak(context(tmp_path_factory.mktemp("espeak")))


def phonemizer(espeak: Espeak, language: str) -> Phonemizer:
    found = espeak.kokoro_phonemizer(language)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def english(espeak: Espeak) -> Phonemizer:
    return phonemizer(espeak, "en-US")


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
def test_english_is_as_kokoro_onnx_has_it(english: Phonemizer, text: str) -> None:
    """Ordinary sentences have the phonemes that kokoro-onnx feeds the same model."""
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
def test_marks_within_numbers_belong_to_them(english: Phonemizer, text: str, phonemes: str) -> None:
    """A point or comma between digits is part of the number; other marks are kept where they are."""
    assert english.phonemize(text) == phonemes


@pytest.mark.parametrize("language", VOICES)
def test_every_language_speaks(espeak: Espeak, language: str) -> None:
    """Every language of the table has a voice in the library, and its words are heard."""
    assert keep_known_symbols(phonemizer(espeak, language).phonemize("radio, 5"))


def test_languages_do_not_disturb_each_other(espeak: Espeak, english: Phonemizer) -> None:
    """After another language has spoken, English is English still."""
    before = english.phonemize("village")
    french = phonemizer(espeak, "fr-FR").phonemize("village")
    assert english.phonemize("village") == before != french


def test_language_switches_are_not_said(espeak: Espeak) -> None:
    """espeak marks foreign words with `(en)` and `(fr)`, which are no phonemes."""
    assert "(" not in phonemizer(espeak, "fr-FR").phonemize("le football et le weekend")


def test_nothing_is_logged(espeak: Espeak, caplog: pytest.LogCaptureFixture) -> None:
    """A language switch and words that espeak joins are no news for the owner of the box."""
    with caplog.at_level(logging.WARNING):
        phonemizer(espeak, "fr-FR").phonemize("le football")
        phonemizer(espeak, "en-US").phonemize("turned on the lights in 1,000 rooms")
    assert not caplog.records


@pytest.mark.parametrize("language", ["ja", "zh-CN", "de", "en"])
def test_other_languages_are_left_to_others(espeak: Espeak, language: str) -> None:
    """Japanese and Chinese need phonemizers of their own, and what is not Kokoro's is not ours."""
    assert espeak.kokoro_phonemizer(language) is None


def test_punctuation_of_the_model_is_kept() -> None:
    """Every mark that the model has a symbol for survives the phonemizer."""
    assert {symbol for symbol in VOCABULARY if symbol in ';:,.!?—…"()“”'} <= set(MARKS)


def test_missing_library_says_what_to_do() -> None:
    """Without a library that can be loaded the plugin is unavailable, with the next step."""
    with pytest.raises(PluginUnavailable, match="install the system's espeak-ng"):
        first_loadable([Library("/nowhere/libespeak-ng.so", None)])


def test_loadable_library_is_taken() -> None:
    """A library that cannot be loaded makes the next one be tried."""
    espeakng_loader = pytest.importorskip("espeakng_loader")
    good = Library(espeakng_loader.get_library_path(), espeakng_loader.get_data_path())
    assert first_loadable([Library("/nowhere/libespeak-ng.so", None), good]) == good


def test_start_does_not_import_phonemizer(tmp_path: Path) -> None:
    """phonemizer, whose import takes a second, waits for the first text."""
    code = (
        "import logging, pathlib, sys; from wyoming_kokoro import PluginContext;"
        " from wyoming_kokoro_espeak import Espeak; folder = pathlib.Path(sys.argv[1]);"
        " plugin = Espeak(PluginContext('espeak', folder, folder, logging.getLogger()));"
        " assert plugin.kokoro_phonemizer('en-US'); assert 'phonemizer' not in sys.modules"
    )
    environment = {"PYTHONPATH": ":".join(path for path in sys.path if path)}
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], env=environment, check=True)


def test_unknown_setting_is_refused(tmp_path: Path) -> None:
    """A misspelt key is an error, as in every plugin."""
    with pytest.raises(ConfigError, match="voice"):
        Espeak(context(tmp_path, voice="en"))
