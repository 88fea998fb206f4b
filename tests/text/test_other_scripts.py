"""Words in scripts that the phonemizer of a voice cannot read, with all built-in plugins."""

from __future__ import annotations

import asyncio
import time
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.golden.recordings import golden_config
from tests.helpers.text.pipelines import open_text_pipeline
from tests.helpers.text.segmentation import divide, segments
from wyoming_kokoro.model.vocabulary import SOUNDS, VOCABULARY

Read = Callable[..., str]

LETTER = {
    "en-US": "lˌɛTəɹ",
    "en-GB": "lˌɛtə",
    "es": "sˈimbolo",
    "fr-FR": "lˈɛtʁ",
    "hi": "ʌkʂəɾ",
    "it": "lˈetːeːra",
    "pt-BR": "lˈetræ",
}
"""How espeak names a letter, before its code point, by the language of the voice."""
LETTER_OF_OTHER_READERS = "lˈetə"
LANGUAGES = (*LETTER, "ja", "zh-CN")

TEXTS = (
    "Now playing 夜に駆ける by 米津玄師. Volume 45%.",
    "Привет, Анна! How are you? На улице -5 °C.",
    "现在温度是21.5度，湿度45%。The light is on.",
    "Done (^_^) ¯\\_(ツ)_/¯ thanks <3! Bye.",
    "Cafe\u0301 M\u00fcller is open. नमस्ते। 안녕하세요? Γειά σου.",
    "1\u202f234 \U0001d5d5\U0001d5fc\U0001d5f9\U0001d5f1 so\u00adlar. ｆｕｌｌ！ Beyoncé.",
)


def open_reader(folder: Path, **plugins: dict[str, object]) -> Iterator[Read]:
    config = golden_config(folder, folder)
    config.plugins.update(plugins)
    pipeline = open_text_pipeline(config)

    def read(text: str, language: str = "en-US") -> str:
        return asyncio.run(pipeline.phonemize(text, language))

    # Starts the thread of the pipeline, which stays for all tests of the module.
    read("a", "en-US")
    yield read
    asyncio.run(pipeline.close())


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Read]:
    yield from open_reader(tmp_path_factory.mktemp("all"))


@pytest.fixture(scope="module")
def read_without_extras(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Read]:
    missing: dict[str, object] = {"enabled": False}
    yield from open_reader(tmp_path_factory.mktemp("few"), chinese=missing, japanese=missing)


@pytest.mark.parametrize(
    ("language", "text", "word", "reader"),
    [
        ("en-US", "Now playing 夜に駆ける", "夜に駆ける", "ja"),
        ("en-US", "The 客厅 light", "客厅", "zh-CN"),
        ("es", "Suena 夜に駆ける", "夜に駆ける", "ja"),
        ("zh-CN", "播放 夜に駆ける", "夜に駆ける", "ja"),
        ("en-US", "Say नमस्ते now", "नमस्ते", "hi"),
        ("fr-FR", "Dis नमस्ते", "नमस्ते", "hi"),
    ],
)
def test_word_is_read_as_in_its_own_language(read: Read, language: str, text: str, word: str, reader: str) -> None:
    assert read(word, reader) in read(text, language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("text", "phonemes"),
    [
        ("Привет", "prʲivʲˈet"),
        ("안녕하세요", "ˈɐnnjʌŋhˌɐsejˌo"),
        ("Καλημέρα", "kˌalimˈera"),
        ("שלום", "ʃalˈom"),
        ("Привіт", "prɪβˈiːt"),
    ],
)
def test_script_without_a_kokoro_voice_is_read_by_espeak(read: Read, language: str, text: str, phonemes: str) -> None:
    assert read(text, language) == phonemes


def test_numbers_in_a_text_of_another_language_belong_to_it(read: Read) -> None:
    text = "现在温度是21.5度，湿度45%。"
    assert read(text, "en-US") == read(text, "zh-CN")


@pytest.mark.parametrize(
    "text",
    [
        "เปิดไฟ",
        "မင်္ဂလာပါ",
        "ភាសាខ្មែរ",
        "𗀀",
        "ꔀ",
        "(╯°□°)╯︵ ┻━┻",
        "¯\\_(ツ)_/¯",
        "(^_^)",
        ":-)",
        "<3",
        "=====",
        "→ ←",
        "👨‍👩‍👧👍🏽🇩🇪",
        "├──",
        "৳",
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_text_without_words_that_can_be_read_is_silent(read: Read, language: str, text: str) -> None:
    assert read(text, language) == ""


@pytest.mark.parametrize("language", LETTER)
@pytest.mark.parametrize(
    "name", ["Müller", "Beyoncé", "São Paulo", "Škoda", "Dvořák", "Łódź", "Nguyễn", "Ștefan", "Æon", "Þór"]
)
def test_accented_name_is_a_word(read: Read, language: str, name: str) -> None:
    phonemes = read(name, language)
    assert LETTER[language] not in phonemes
    assert len(phonemes) <= 3 * len(name)
    assert read(unicodedata.normalize("NFD", name), language) == phonemes


def test_accented_name_in_chinese_and_japanese_is_read_in_english(read: Read) -> None:
    assert read("Müller", "en-US") in read("今日はMüllerです", "ja")
    assert read("Beyoncé", "en-US") in read("播放Beyoncé", "zh-CN")


def test_without_extras_words_are_read_roughly_or_not_at_all(read_without_extras: Read) -> None:
    assert read_without_extras("ありがとう", "en-US") == "ˌaɾiɡatˈoɯ"
    assert read_without_extras("客厅", "en-US") == "kʰˈo tʰˈiŋ"
    assert read_without_extras("Now playing 夜に駆ける", "en-US") == read_without_extras("Now playing", "en-US")


def sample_of_unicode() -> list[str]:
    """Return every 61st character, which is some of each block, with all of the first blocks."""
    characters = (chr(code) for code in (*range(0x250), *range(0x250, 0x30000, 61)))
    return [character for character in characters if unicodedata.category(character)[0] != "C"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_character_is_read_as_the_name_of_its_script_or_code_point(read: Read, language: str) -> None:
    letters = {LETTER.get(language, "lˌɛTəɹ"), LETTER_OF_OTHER_READERS}
    # espeak knows these letters only in words.
    for character in sample_of_unicode():
        phonemes = read(f"{character}an" if character in "ıȘșȚțƏə" else character, language)
        assert set(phonemes) <= set(VOCABULARY), character
        assert not any(letter in phonemes for letter in letters), (character, unicodedata.name(character, ""))


@given(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3).map(" ".join), st.lists(st.integers(0, 10_000)))
@settings(max_examples=40)
def test_text_in_deltas_has_the_same_phonemes(read: Read, text: str, positions: list[int]) -> None:
    whole = [read(segment.text, "en-US") for segment in segments([text])]
    assert [read(segment.text, "en-US") for segment in segments(divide(text, positions))] == whole


@given(st.text(max_size=60), st.sampled_from(LANGUAGES))
@settings(max_examples=200)
def test_any_text_has_phonemes_of_the_vocabulary(read: Read, text: str, language: str) -> None:
    phonemes = read(text, language)
    assert set(phonemes) <= set(VOCABULARY)
    assert not phonemes or not SOUNDS.isdisjoint(phonemes)


@pytest.mark.parametrize(
    "part",
    [
        "Привет ",
        "夜に",
        "客 a ",
        "a夜",
        "(^_^) ",
        "e\u0301",
        "a\u0301\u0316",
        "ツ",
        "<3 ",
        "= ",
        "👍🏽",
        "ا ",
        "1\u202f",
    ],
)
def test_time_is_linear_in_the_length(read: Read, part: str) -> None:
    def measure(count: int) -> float:
        best = float("inf")
        for run in range(5):
            start = time.process_time()
            read(f"{run} {part * count}", "en-US")
            best = min(best, time.process_time() - start)
        return best

    assert measure(2000) < 12 * max(measure(500), 0.005)


def test_lexicon_of_the_voice_decides_about_words_in_other_scripts(tmp_path: Path) -> None:
    words: dict[str, object] = {"en": {"夜に駆ける": "yoru", "Nguye\u0302\u0303n": "win", "Привет": "/hˈɛlO/"}}
    for read in open_reader(tmp_path, lexicon=words):
        assert read("Now playing 夜に駆ける") == read("Now playing yoru")
        assert read("Ask Nguyễn") == read("Ask win")
        assert read("Привет, Anna") == f"hˈɛlO, {read('Anna')}"


def test_thousands_at_thin_spaces_are_one_number(read: Read) -> None:
    whole = read("It is 12000 kWh.")
    for space in "\u00a0\u2007\u2009\u202f":
        assert [read(segment.text) for segment in segments([f"It is 12{space}000 kWh."])] == [whole]
