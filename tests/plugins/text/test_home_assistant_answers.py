"""Answers of Home Assistant in an example home: all can be spoken, and a table shows how some are verbalized."""

from __future__ import annotations

import asyncio
import csv
import unicodedata
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.helpers.text.example_home import predict_answers, render_answers
from tests.helpers.text.text_filters import filter_text, text_plugin
from wyoming_kokoro.model.vocabulary import SOUNDS, VOCABULARY
from wyoming_kokoro.speech.phrase_cache import NullPhraseCache
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro.text.pipeline import TextPipeline
from wyoming_kokoro_espeak import EspeakPlugin

TABLE = Path(__file__).with_name("home_assistant_answers.tsv")
"""English answers, and the text that the phonemizer must receive. Every line was reviewed."""
TABLE_OF_LANGUAGES = Path(__file__).with_name("home_assistant_answers_of_languages.tsv")
"""The same for other languages, after the language. Every line was reviewed."""
LANGUAGES = ("es", "fr-FR", "hi", "it", "ja", "pt-BR", "zh-CN")
"""The languages of the server beside English."""
EVERY = 5
"""One of so many answers of another language is filtered, because neighbors differ only in numbers."""


@pytest.fixture(scope="module")
def answers() -> list[str]:
    return render_answers()


@pytest.fixture
async def pipeline(session_folder: Path) -> AsyncIterator[TextPipeline]:
    plugin = await asyncio.to_thread(EspeakPlugin, plugin_context("espeak", session_folder / "espeak"))
    phonemizer = plugin.kokoro_phonemizer("en-US")
    assert phonemizer
    pipeline = TextPipeline(list(text_plugin().kokoro_text_filters()), {"en-US": phonemizer}, NullPhraseCache(), "")
    yield pipeline
    await pipeline.close()


async def test_every_answer_has_phonemes_of_the_vocabulary(answers: list[str], pipeline: TextPipeline) -> None:
    assert len(answers) >= 355
    for text in answers:
        phonemes = await pipeline.phonemize(text, "en-US")
        assert not SOUNDS.isdisjoint(phonemes), text
        assert set(phonemes) <= set(VOCABULARY), text


def test_filtered_answers_have_only_words_numbers_and_punctuation(answers: list[str]) -> None:
    characters = set("".join(map(filter_text, answers)))
    others = {character for character in characters if not (character.isalnum() or character.isspace())}
    assert others <= set(".,?!'’-")


@pytest.mark.parametrize("language", LANGUAGES)
def test_filtered_answers_of_other_languages_have_only_words_and_punctuation(language: str) -> None:
    answers = predict_answers(language)[::EVERY]
    assert len(answers) >= 300
    # Open JTalk reads numbers.
    numbers = set("0123456789.℃" if language == "ja" else "")
    for answer in answers:
        spoken = filter_text(answer, language)
        marks = {sign for sign in spoken if unicodedata.category(sign)[0] not in "LMZ"}
        assert marks <= set(".,?!'’-()¿¡。，、：।") | numbers, spoken


@pytest.mark.parametrize("language", LANGUAGES)
def test_answers_of_another_language_are_verbalized(language: str) -> None:
    rows = [line.split("\t") for line in TABLE_OF_LANGUAGES.read_text("utf-8").splitlines()]
    answers = {written: expected for code, written, expected in rows if code == language}
    assert len(answers) >= 30
    assert {written: filter_text(written, language) for written in answers} == answers


def read_table() -> list[tuple[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [(written, expected) for written, expected in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


def test_most_answers_of_the_table_are_rendered_today(answers: list[str]) -> None:
    """Home Assistant may change the wording of some answers, so not all have to match."""
    assert len({written for written, _ in read_table()} & set(answers)) >= 200


@pytest.mark.parametrize(("written", "expected"), read_table(), ids=[written for written, _ in read_table()])
def test_answer_is_verbalized(written: str, expected: str) -> None:
    assert filter_text(written) == expected
