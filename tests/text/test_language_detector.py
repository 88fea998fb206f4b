"""The language of sentences in Latin script."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.text.example_home import render_answers
from wyoming_kokoro.config import Config, TextConfig
from wyoming_kokoro.errors import ConfigError
from wyoming_kokoro.text.language_detector import LanguageDetector

LANGUAGES = ("en-US", "es", "fr-FR", "it", "ja", "pt-BR")
SENTENCES = [
    line.split("\t") for line in Path(__file__).with_name("household_sentences.tsv").read_text("utf-8").splitlines()
]
OTHER = "xx"


@pytest.fixture(scope="module")
def detector() -> LanguageDetector:
    return LanguageDetector(LANGUAGES)


def test_most_short_sentences_are_detected_and_none_is_confused(detector: LanguageDetector) -> None:
    found = [(language, detector.detect(sentence, OTHER).split("-")[0]) for language, sentence in SENTENCES]
    assert sum(language == detected for language, detected in found) >= 74
    assert all(detected in (language, OTHER) for language, detected in found)


def test_english_answers_of_home_assistant_stay_english(detector: LanguageDetector) -> None:
    answers = render_answers()
    assert [answer for answer in answers if detector.detect(answer, "en-US") != "en-US"] == []


@pytest.mark.parametrize(
    "text",
    [
        "Hola, buenos días.",
        "Bon appétit!",
        "Kitchen light on.",
        "Turned on Bella Vista lamp.",
        "Play Despacito by Luis Fonsi.",
        "Now playing Bésame mucho by Consuelo Velázquez.",
        "Volare, Nel blu dipinto di blu is playing.",
        "Anna, Marco, Sofia and Pedro are home.",
        "Sonos Arc, Shield TV, Philips Hue.",
        "La luz de la cocina 夜に駆ける está encendida.",
        "",
    ],
)
def test_short_and_unsure_texts_keep_the_language_of_the_voice(detector: LanguageDetector, text: str) -> None:
    assert detector.detect(text, "en-US") == "en-US"


def test_sentence_in_a_language_outside_the_household_keeps_the_language_of_the_voice() -> None:
    detector = LanguageDetector(["es"])
    assert detector.detect("La lumière de la cuisine est allumée maintenant.", "en-US") == "en-US"
    assert detector.detect("La luz de la cocina está encendida ahora.", "en-US") == "es"
    assert detector.detect("The light in the kitchen is on now.", "es") == "es"


def test_sentence_in_the_language_of_the_voice_keeps_its_accent(detector: LanguageDetector) -> None:
    assert detector.detect("The light in the kitchen is on now.", "en-GB") == "en-GB"


def test_detector_is_loaded_only_for_latin_languages() -> None:
    assert LanguageDetector.from_config(Config(), LANGUAGES) is None
    assert LanguageDetector.from_config(Config(text=TextConfig(("ja",))), LANGUAGES) is None


def test_language_without_a_phonemizer_raises_config_error() -> None:
    with pytest.raises(ConfigError, match=r"text\.languages: no phonemizer for 'de'; use some of: en-US, es"):
        LanguageDetector.from_config(Config(text=TextConfig(("de",))), ["es", "en-US"])
