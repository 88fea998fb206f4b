"""Chinese phonemes, by the real dictionaries: without them, which `pip install -e '.[zh]'` brings, they are skipped."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from wyoming_kokoro import Phonemizer, PluginUnavailable
from wyoming_kokoro.model.vocabulary import VOCABULARY, keep_known_symbols
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro_chinese import PACKAGES, Chinese
from wyoming_kokoro_chinese.numbers import in_words
from wyoming_kokoro_chinese.phonemizer import ChinesePhonemizer

installed = all(importlib.util.find_spec(name) for name in PACKAGES)
needs_dictionaries = pytest.mark.skipif(not installed, reason="needs pip install -e '.[zh]'")


@pytest.fixture
def chinese(tmp_path: Path) -> Phonemizer:
    phonemizer = Chinese(plugin_context("chinese", tmp_path)).kokoro_phonemizer("zh-CN")
    assert phonemizer is not None
    return phonemizer


@needs_dictionaries
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("你好", "ni↓xau↓"),
        ("今天天气很好.", "ʨi→ntʰjɛ→ntʰjɛ→nʨʰi↘ xə↓n xau↓."),
        ("我想听音乐, 好吗?", "wo↓ ɕja↓ŋ tʰi→ŋ i→nɥe↘, xau↓ ma?"),
        ("银行行长", "i↗nxa↗ŋxa↗ŋꭧa↓ŋ"),
        ("女儿", "ny↓ɚ↗"),
        ("四十", "sɨ↘ʂɨ↗"),
        ("哦 嗯", "ɔ↗ n↗"),
        ("", ""),
        ("?!", "?!"),
        ("〇", "li↗ŋ"),
    ],
)
def test_text(chinese: Phonemizer, text: str, said: str) -> None:
    """Tones stand behind the vowel, words apart, and a character is read by its word."""
    assert chinese.phonemize(text) == said


@needs_dictionaries
def test_every_syllable_is_said_in_the_vocabulary() -> None:
    """Whatever pypinyin knows has symbols, and none of them is dropped."""
    for syllable in every_syllable():
        said = ChinesePhonemizer._syllable(syllable)
        assert said, syllable
        assert keep_known_symbols(said) == said


@needs_dictionaries
def test_syllables_are_as_misaki_has_them() -> None:
    """The symbols are those that the model was trained on, all but 哟, which misaki reads as 喔."""
    pytest.importorskip("jieba", reason="misaki's Chinese needs jieba, ordered-set and misaki")
    misaki = pytest.importorskip("misaki.zh")
    for syllable in every_syllable() - {"yo1", "yo5"}:
        assert ChinesePhonemizer._syllable(syllable) == misaki.ZHG2P.py2ipa(syllable).replace("\u032f", "")


def every_syllable() -> set[str]:
    from pypinyin.constants import PINYIN_DICT
    from pypinyin.contrib.tone_convert import to_tone3

    readings = (reading for readings in PINYIN_DICT.values() for reading in readings.split(","))
    return {to_tone3(reading, neutral_tone_with_five=True) for reading in readings}


@needs_dictionaries
@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("现在是21.5℃，湿度45%。", "现在是二十一点五摄氏度，湿度百分之四十五。"),
        ("21 °C", "二十一摄氏度"),
        ("-5度", "负五度"),
        ("18-21°C", "十八到二十一摄氏度"),
        ("10%–20%", "百分之十到百分之二十"),
        ("2026年1月3日18:31", "二零二六年一月三日十八点三十一分"),
        ("2026-01-03", "二零二六年一月三日"),
        ("12:05", "十二点零五分"),
        ("2:00", "两点"),
        ("1,234元", "一千二百三十四元"),
        ("3.2kWh", "三点二千瓦时"),
        ("8 μg/m³", "八微克每立方米"),
        ("12 km/h", "十二公里每小时"),
        ("2个灯", "两个灯"),
        ("$5.50", "五点五零美元"),
        ("007", "零零七"),
        ("13812345678901", "一三八一二三四五六七八九零一"),
        ("3/4", "四分之三"),
        ("0", "零"),
        ("没有数字", "没有数字"),
        ("", ""),
    ],
)
def test_numbers(written: str, said: str) -> None:
    """Numbers, times, units and money are written as they are said."""
    assert in_words(written) == said


@needs_dictionaries
@pytest.mark.parametrize("text", ["Home Assistant的灯", "打开TV和LED", "PM2.5是8", "a/b^c|d", "ｱｲｳ", "今日は"])
def test_mixed_text_does_not_crash(chinese: Phonemizer, text: str) -> None:
    """What is not Chinese passes, to be said in English or to be dropped."""
    assert isinstance(chinese.phonemize(in_words(text)), str)


@pytest.mark.parametrize(("text", "foreign"), [("Home Assistant的灯", "Home Assistant"), ("开5G", "G"), ("灯", None)])
def test_latin_words_are_foreign(text: str, foreign: str | None) -> None:
    """All in Latin letters is said in English."""
    match = ChinesePhonemizer.foreign.search(text)
    assert (match and match[0]) == foreign


@needs_dictionaries
def test_another_language_is_left_to_others(tmp_path: Path) -> None:
    """Only Mandarin is ours."""
    plugin = Chinese(plugin_context("chinese", tmp_path))
    assert plugin.kokoro_phonemizer("ja") is None
    assert [item.languages for item in plugin.kokoro_text_filters()] == [{"zh"}]


def test_without_dictionaries_the_plugin_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not installed is no fault, and the message is a command."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(PluginUnavailable, match=r"pip install 'wyoming-kokoro\[zh\]'"):
        Chinese(plugin_context("chinese", tmp_path))


def test_vocabulary_has_the_tones() -> None:
    """The model was trained with tones as arrows."""
    assert set("→↗↓↘") <= set(VOCABULARY)
