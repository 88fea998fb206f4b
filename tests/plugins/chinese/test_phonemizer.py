"""Phonemes of the real dictionaries. Without `pip install -e '.[zh]'`, tests that use them are skipped."""

from __future__ import annotations

import importlib.util

import pytest

from tests.helpers.text.text_filters import filter_text
from wyoming_kokoro.model.vocabulary import VOCABULARY, keep_known_symbols
from wyoming_kokoro_chinese import PACKAGES
from wyoming_kokoro_chinese.phonemizer import ChinesePhonemizer

needs_dictionaries = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, PACKAGES)), reason="needs pip install -e '.[zh]'"
)


@pytest.fixture(scope="module")
def chinese() -> ChinesePhonemizer:
    return ChinesePhonemizer()


@needs_dictionaries
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("你好", "ni↓xau↓"),
        ("今天天气很好.", "ʨi→ntʰjɛ→ntʰjɛ→nʨʰi↘ xə↓n xau↓."),
        ("我想听音乐, 好吗?", "wo↓ ɕja↓ŋ tʰi→ŋ i→nɥe↘, xau↓ ma?"),
        ("银行行长", "i↗nxa↗ŋxa↗ŋꭧa↓ŋ"),
        ("调到二十六度, 调高", "tʰjau↗tau↘ ɚ↘ʂɨ↗ljou↘ tu↘, tʰjau↗kau→"),
        ("女儿", "ny↓ɚ↗"),
        ("四十", "sɨ↘ʂɨ↗"),
        ("哦 嗯", "ɔ↗ n↗"),
        ("", ""),
        ("?!", "?!"),
        ("〇", "li↗ŋ"),
    ],
)
def test_characters_are_read_by_word_with_the_tone_after_the_vowel(
    chinese: ChinesePhonemizer, text: str, expected: str
) -> None:
    assert chinese.phonemize(text) == expected


def list_syllables() -> set[str]:
    """Return every syllable that pypinyin knows, with its tone number."""
    from pypinyin.constants import PINYIN_DICT
    from pypinyin.contrib.tone_convert import to_tone3

    readings = (reading for readings in PINYIN_DICT.values() for reading in readings.split(","))
    return {to_tone3(reading, neutral_tone_with_five=True) for reading in readings}


@needs_dictionaries
def test_every_syllable_has_symbols_of_the_vocabulary() -> None:
    for syllable in list_syllables():
        phonemes = ChinesePhonemizer.phonemize_syllable(syllable)
        assert phonemes, syllable
        assert keep_known_symbols(phonemes) == phonemes


@needs_dictionaries
def test_symbols_equal_those_of_misaki() -> None:
    """Except 哟, which misaki reads as 喔."""
    pytest.importorskip("jieba", reason="misaki's Chinese needs jieba, ordered-set and misaki")
    misaki = pytest.importorskip("misaki.zh")
    for syllable in list_syllables() - {"yo1", "yo5"}:
        expected = misaki.ZHG2P.py2ipa(syllable).replace("\u032f", "")
        assert ChinesePhonemizer.phonemize_syllable(syllable) == expected


@needs_dictionaries
@pytest.mark.parametrize("text", ["Home Assistant的灯", "打开TV和LED", "PM2.5是8", "a/b^c|d", "ｱｲｳ", "今日は"])
def test_mixed_text_is_phonemized_without_error(chinese: ChinesePhonemizer, text: str) -> None:
    assert isinstance(chinese.phonemize(filter_text(text, "zh")), str)


@pytest.mark.parametrize(("text", "foreign"), [("Home Assistant的灯", "Home Assistant"), ("开5G", "G"), ("灯", None)])
def test_latin_letters_are_foreign(text: str, foreign: str | None) -> None:
    match = ChinesePhonemizer.foreign.search(text)
    assert (match and match[0]) == foreign


def test_vocabulary_has_the_tones() -> None:
    assert set("→↗↓↘") <= set(VOCABULARY)
