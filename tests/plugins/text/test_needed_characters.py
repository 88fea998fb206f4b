"""The characters that each match of a rule has."""

from __future__ import annotations

import re
from itertools import chain

import pytest

from tools.data.make_reading_page import examples_of, rules_by_language
from wyoming_kokoro_text.needed_characters import DIGIT, characters_of, needed_characters
from wyoming_kokoro_text.steps import STEPS


@pytest.mark.parametrize(
    ("pattern", "needed"),
    [
        (r"\bMr\.", {"M"}),
        (r"a\d", {DIGIT}),
        (r"(?<=\d)\s?[×✕]", {"×", "✕"}),
        (r"x?y", {"y"}),
        (r"(?:am|pm)\b", set("ap")),
        (r"(?:am|)\b", set()),
        (r"(?i)k°", {"°"}),
        (r"(?is:k)", set()),
        (r"[^a]", set()),
        (r"[\u3040-\u9fff]", set()),
        (r"[2-4]+", set("234")),
        (r"(?!b)\w", set()),
        (r".*$", set()),
        (r"(?:(a)|b)(?(1)c|d)", set("ab")),
        (r"(?P<x>é)(?P=x)\u00e9{2}[\]\\]", set("]\\")),
        (r"(\$)\1", {"$"}),
    ],
)
def test_rarest_characters_of_all_alternatives_are_needed(pattern: str, needed: set[str]) -> None:
    assert needed_characters(pattern) == needed


def test_digits_of_all_scripts_are_digits() -> None:
    assert DIGIT in characters_of("२")
    assert DIGIT not in characters_of("two²")


def test_text_without_the_needed_characters_has_no_match() -> None:
    texts = dict.fromkeys(example.written for example in chain.from_iterable(map(examples_of, STEPS)))
    characters = {text: characters_of(text) for text in texts}
    patterns = {rule.pattern for step in STEPS for _, rule in rules_by_language(step)}
    for pattern in patterns:
        needed, compiled = needed_characters(pattern), re.compile(pattern, re.MULTILINE)
        without = (text for text in texts if needed and needed.isdisjoint(characters[text]))
        assert not any(map(compiled.search, without)), pattern
