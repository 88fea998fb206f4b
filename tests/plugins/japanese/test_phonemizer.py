"""Phonemes of the real Open JTalk. Without `pip install -e '.[ja]'`, tests that use it are skipped."""

from __future__ import annotations

import pytest

from tests.helpers.text.text_filters import filter_text
from wyoming_kokoro.model.vocabulary import SOUNDS, VOCABULARY
from wyoming_kokoro_japanese.phonemizer import JapanesePhonemizer


@pytest.fixture(scope="module")
def japanese() -> JapanesePhonemizer:
    pytest.importorskip("pyopenjtalk", reason="needs pip install -e '.[ja]'")
    return JapanesePhonemizer(lambda: "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("今日は21.5℃です.", "kʲoː βa ɲi ʥɨː iʔteɴ ɡo do desɨ."),
        ("湿度は45%, 電気を消しました!", "ɕiʦɨdo βa joɴ ʥɨː ɡo paːsento, deŋkʲi o keɕi maɕi ta!"),
        ("東京へ行った?", "toːkʲoː e iʔta?"),
        ("5分", "ɡo ɸɯɴ"),
        ("-5度", "mainasɨ ɡo do"),
        ("18〜21℃", "ʥɨː haʨi kaɾa ɲi ʥɨː iʨi do"),
        ("12:05", "ʥɨː ɲi ʥi ɡo ɸɯɴ"),
        ("9:00に", "kɯ ʥi ɲi"),
        ("1,234円", "seɴ ɲi çakɯ saɴ ʥɨː jo eɴ"),
        ("2026-01-03", "ɲi seɴ ɲi ʥɨː ɾokɯ neɴ iʨiɡaʦɨ mʲiʔka"),
        ("", ""),
        ("?!", "?!"),
    ],
)
def test_numbers_units_and_particles_are_read_and_punctuation_is_kept(
    japanese: JapanesePhonemizer, text: str, expected: str
) -> None:
    assert japanese.phonemize(filter_text(text, "ja")) == expected


@pytest.mark.parametrize(
    "text", ["LEDとUSB", "電力は3.2kWです", "Home Assistantの電気", "a/b^c|d", "ｱｲｳ　１２", "你好"]
)
def test_mixed_text_has_phonemes_of_the_vocabulary(japanese: JapanesePhonemizer, text: str) -> None:
    phonemes = set(japanese.phonemize(text))
    assert phonemes & SOUNDS
    assert phonemes <= set(VOCABULARY)


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("Home Assistantのライト", "Home Assistant"),
        ("今日のKokoro's声", "Kokoro's"),
        ("3.2kWhとLED", None),
        ("5kmと10cm", None),
        ("電気", None),
    ],
)
def test_latin_words_are_foreign_but_units_and_abbreviations_are_not(text: str, foreign: str | None) -> None:
    match = JapanesePhonemizer.foreign.search(text)
    assert (match and match[0]) == foreign
