"""What Home Assistant answers by itself: each answer is spoken, and how some are read out was looked at."""

from __future__ import annotations

import csv
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.helpers.text_filters import plugin, say
from tests.text.household import answers
from wyoming_kokoro import PluginContext
from wyoming_kokoro.model.vocabulary import SOUNDS, VOCABULARY
from wyoming_kokoro.speech.phrase_cache import NullPhraseCache
from wyoming_kokoro.text.pipeline import TextPipeline
from wyoming_kokoro_espeak import Espeak

TABLE = Path(__file__).with_name("answers.tsv")
"""Answers, and what the phonemizer is given for them; looked through line by line."""


@pytest.fixture(scope="module")
def rendered() -> list[str]:
    return answers()


@pytest.fixture
async def pipeline(tmp_path: Path) -> AsyncIterator[TextPipeline]:
    espeak = Espeak(PluginContext("espeak", tmp_path, tmp_path, logging.getLogger("espeak")))
    phonemizer = espeak.kokoro_phonemizer("en-US")
    assert phonemizer
    pipeline = TextPipeline(list(plugin().kokoro_text_filters()), {"en-US": phonemizer}, NullPhraseCache(), "")
    yield pipeline
    await pipeline.close()


async def test_every_answer_is_spoken(rendered: list[str], pipeline: TextPipeline) -> None:
    """None is without sound, and nothing in them is unknown to the model."""
    assert len(rendered) >= 355
    for text in rendered:
        phonemes = await pipeline.phonemes(text, "en-US")
        assert not SOUNDS.isdisjoint(phonemes), text
        assert set(phonemes) <= set(VOCABULARY), text


def test_signs_become_words(rendered: list[str]) -> None:
    """Nothing is left to the phonemizer but words, numbers and the marks of pauses."""
    left = {
        character for text in rendered for character in say(text) if not (character.isalnum() or character.isspace())
    }
    assert left <= set(".,?!'’-")


def rows() -> list[tuple[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [(written, said) for written, said in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


def test_table_is_of_real_answers(rendered: list[str]) -> None:
    """The table is not made up: Home Assistant words its answers so, though it may word some anew one day."""
    assert len({written for written, _ in rows()} & set(rendered)) >= 200


@pytest.mark.parametrize(("written", "said"), rows(), ids=[written for written, _ in rows()])
def test_answer_is_read_out(written: str, said: str) -> None:
    """An answer is said as a person would read it out."""
    assert say(written) == said
