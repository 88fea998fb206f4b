"""Which language reads each part of a text."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro.text.scripts import READER_LANGUAGES, READERS, ScriptSplitter, script_of

ALL = ScriptSplitter(READER_LANGUAGES | {"en-US", "es"})
WITHOUT_EXTRAS = ScriptSplitter(READER_LANGUAGES - {"ja", "zh-CN"} | {"en-US"})
ALPHABET = st.text(st.sampled_from("ab 1.,-“”()αβжя夜に駆ける电קสไ한é\U000f0041") | st.characters(), max_size=40)


def runs(text: str, language: str = "en-US", splitter: ScriptSplitter = ALL) -> list[tuple[str, str]]:
    return [(run.language, run.text) for run in splitter.split(text, language)]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en-US", "Now playing 夜に駆ける", [("en-US", "Now playing"), ("ja", " 夜に駆ける")]),
        ("en-US", "米津玄師 sings 夜に駆ける", [("ja", "米津玄師"), ("en-US", " sings"), ("ja", " 夜に駆ける")]),
        ("en-US", "The 客厅 light", [("en-US", "The"), ("zh-CN", " 客厅"), ("en-US", " light")]),
        ("en-US", "现在温度是-3度。", [("zh-CN", "现在温度是-3度。")]),
        ("en-US", "“Привет, мир!” is a greeting", [("ru", "“Привет, мир!”"), ("en-US", " is a greeting")]),
        ("en-US", "Say (Привет) 21 times", [("en-US", "Say"), ("ru", " (Привет)"), ("en-US", " 21 times")]),
        ("en-US", "5 μg of α at ΔT", [("en-US", "5 μg of α at ΔT")]),
        ("zh-CN", "空气35 µg/m³", [("zh-CN", "空气35 µg/m³")]),
        ("en-US", "Müller, Škoda, 5 °C", [("en-US", "Müller, Škoda, 5 °C")]),
        ("en-US", "เปิด 21 lamps", [("en-US", "21 lamps")]),
        ("ja", "夜に駆ける kWh ПриветとMüller", [("ja", "夜に駆ける kWh"), ("ru", " Привет"), ("ja", "とMüller")]),
        ("ja", "電気", [("ja", "電気")]),
        ("zh-CN", "播放 夜に駆ける。", [("zh-CN", "播放"), ("ja", " 夜に駆ける。")]),
        ("hi", "यह lamp है", [("hi", "यह lamp है")]),
        ("es", "नमस्ते, Ana", [("hi", "नमस्ते,"), ("es", " Ana")]),
        ("en-US", "现在温度是21 °C，风速5km/h。", [("zh-CN", "现在温度是21 °C，风速5km/h。")]),
        ("en-US", "Москва: 21°C", [("ru", "Москва: 21°C")]),
        ("en-US", "21 °C", [("en-US", "21 °C")]),
        ("en-US", "Outside: 21 °C, Москва: 5 °C", [("en-US", "Outside: 21 °C,"), ("ru", "Москва:"), ("en-US", "5 °C")]),
        ("ja", "晴れです。Привет", [("ja", "晴れです。"), ("ru", "Привет")]),
        ("en-US", "", [("en-US", "")]),
    ],
)
def test_text_is_split_by_script(language: str, text: str, expected: list[tuple[str, str]]) -> None:
    assert [(reader, part.strip()) for reader, part in runs(text, language) if part.strip()] == [
        (reader, part.strip()) for reader, part in expected if part
    ]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Привіт", "uk"),
        ("Прывітанне, ён ў хаце", "be"),
        ("Ћао", "sr"),
        ("سلام", "ar"),
        ("چطوری", "fa"),
        ("ٹھیک ہے", "ur"),
    ],
)
def test_letters_of_a_language_choose_it(text: str, language: str) -> None:
    assert runs(text)[0][0] == language


def test_chinese_characters_are_japanese_if_the_household_says_so() -> None:
    assert ScriptSplitter(READER_LANGUAGES, "ja").split("東京", "en-US")[0].language == "ja"
    assert ALL.split("東京", "en-US")[0].language == "zh-CN"


def test_without_extras_kana_and_chinese_have_a_reader_and_words_of_both_have_none() -> None:
    assert runs("ありがとう", splitter=WITHOUT_EXTRAS) == [("ja-Hrkt", "ありがとう")]
    assert runs("客厅", splitter=WITHOUT_EXTRAS) == [("cmn", "客厅")]
    assert runs("Play 夜に駆ける", splitter=WITHOUT_EXTRAS) == [("en-US", "Play  ")]


@given(ALPHABET, st.sampled_from(["en-US", "es", "ja", "zh-CN", "hi"]))
def test_runs_contain_all_characters_with_a_reader_in_order(text: str, language: str) -> None:
    split = runs(text, language)
    assert all(first[0] != second[0] for first, second in itertools.pairwise(split))
    unread = {character for character in text if script_of(character) not in {"", "LATIN", *READERS}}
    assert "".join(part for _, part in split).replace(" ", "") == "".join(
        character for character in text if character not in unread and character != " "
    )
    assert {reader for reader, _ in split} <= READER_LANGUAGES | {language}
