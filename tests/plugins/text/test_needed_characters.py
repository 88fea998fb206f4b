"""The characters that each match of a rule has."""

from __future__ import annotations

import re
from itertools import chain

import pytest

from tools.data.make_reading_page import examples_of, rules_by_language
from wyoming_kokoro_text.needed_characters import DIGIT, WIDE, characters_of, needed_characters
from wyoming_kokoro_text.steps import STEPS


@pytest.mark.parametrize(
    ("pattern", "needed"),
    [
        (r"\bMr\.", ["M", "r", "."]),
        (r"a\d", [[DIGIT], "a"]),
        (r"(?<=\d)\s?[×✕]", ["×✕", [DIGIT]]),
        (r"x?y", ["y"]),
        (r"(?:am|pm)\b", ["ap"]),
        (r"(?:am|)\b", []),
        (r"(?i)k°", ["°"]),
        (r"(?is:k)", []),
        (r"[^a]", []),
        (r"[\u0000-\u9fff]", []),
        (r"[\u3040-\u9fff]ー", ["ー", [WIDE]]),
        (r"[2-4]+", ["234"]),
        (r"(?!b)\w", []),
        (r".*$", []),
        (r"(?:(a)|b)(?(1)c|d)", ["ab", "cd"]),
        (r"(?P<x>é)(?P=x)\u00e9{2}[\]\\]", ["]\\", "é"]),
        (r"(\$)\1", ["$"]),
        (r"abcdef", ["a", "b", "c"]),
    ],
)
def test_match_needs_one_of_each_set_of_characters(pattern: str, needed: list[str | list[str]]) -> None:
    assert list(needed_characters(pattern)) == list(map(frozenset, needed))


def test_digits_of_all_scripts_are_digits() -> None:
    assert DIGIT in characters_of("२")
    assert DIGIT not in characters_of("two²")


def test_characters_after_latin_ones_are_wide() -> None:
    assert WIDE in characters_of("a ー")
    assert WIDE not in characters_of("ÿ")


def test_text_without_the_needed_characters_has_no_match() -> None:
    texts = dict.fromkeys(example.written for example in chain.from_iterable(map(examples_of, STEPS)))
    characters = {text: characters_of(text) for text in texts}
    patterns = {rule.pattern for step in STEPS for _, rule in rules_by_language(step)}
    for pattern in patterns:
        needed, compiled = needed_characters(pattern), re.compile(pattern, re.MULTILINE)
        without = (text for text in texts if any(found.isdisjoint(characters[text]) for found in needed))
        assert not any(map(compiled.search, without)), pattern
