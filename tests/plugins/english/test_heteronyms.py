"""Sentences with words that have several pronunciations.

Each line of `heteronyms.tsv` has the phonemes of the word between asterisks, and the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

import pytest

from wyoming_kokoro_english.heteronyms import Heteronyms

Read = Callable[[str, str], str]

LINES = [line.split("\t") for line in Path(__file__).with_name("heteronyms.tsv").read_text("utf-8").splitlines()]
WORD = re.compile(r"\*([\w'-]+?)\*")


def phonemes_of_word(read: Read, language: str, sentence: str) -> str:
    """Return the phonemes of the word between asterisks."""
    before, word, after = WORD.split(sentence)
    spoken = read(language, before + word + after).split()
    # Numbers are several words.
    index = len(read(language, before).split()) if any(map(str.isdigit, before)) else len(before.split())
    return spoken[index].strip(".,!?:")


def heteronym(line: list[str]) -> str:
    return "".join(WORD.findall(line[1])).lower()


@pytest.mark.parametrize(("word", "lines"), [(word, list(lines)) for word, lines in groupby(LINES, heteronym)])
def test_word_is_read_by_its_meaning(read: Read, word: str, lines: list[list[str]]) -> None:
    found = [(phonemes_of_word(read, "en-US", sentence), sentence) for _, sentence in lines]
    assert found == [(phonemes, sentence) for phonemes, sentence in lines]


@pytest.mark.parametrize(
    ("sentence", "phonemes"),
    [
        ("The shops *close* at nine.", "klˈQz"),
        ("The shop is *close* by.", "klˈQs"),
        ("Have you *read* it?", "ɹˈɛd"),
        ("The old *lead* pipes.", "lˈɛd"),
        ("Turn down the *bass*.", "bˈAs"),
        ("A train to *Reading*.", "ɹˈɛdɪŋ"),
        ("The *drawer* is open.", "dɹˈɔː"),
        ("Send your *resume* today.", "ɹˈɛzjʊmˌA"),
        ("*Resume* the music.", "ɹɪzjˈuːm"),
    ],
)
def test_british_word_is_read_by_its_meaning(read: Read, sentence: str, phonemes: str) -> None:
    assert phonemes_of_word(read, "en-GB", sentence) == phonemes


def test_every_pattern_compiles_and_every_tag_is_known() -> None:
    rules = Heteronyms()._rules
    tags = {tag for found in rules.values() for _, tag in found}
    assert tags == {"VB", "VBD", "NN", "JJ", "DRINK", "FISH", "HOLY", "METAL", "OLD", "PLACE"}
