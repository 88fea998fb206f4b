"""The rules: their examples in all filters of a language, and their time in long texts."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from itertools import chain, combinations

import pytest

from tests.helpers.text.text_filters import filter_text, text_filters
from tools.data.make_reading_page import PAGE, examples_of, format_page, rules_by_language
from wyoming_kokoro_text.classes.plain_text.characters import CHARACTERS
from wyoming_kokoro_text.languages import LANGUAGES, load_language
from wyoming_kokoro_text.needed_characters import characters_of
from wyoming_kokoro_text.rules import ANY, Example, Rule, RuleFilter
from wyoming_kokoro_text.steps import STEPS

EXAMPLES = tuple(dict.fromkeys(chain.from_iterable(map(examples_of, STEPS))))
RULES = tuple({id(rule): (language, rule) for step in STEPS for language, rule in rules_by_language(step)}.values())
DISTINCT_RULES = tuple({rule.pattern: rule for _, rule in RULES}.values())

shorten = RuleFilter(CHARACTERS)

OTHER_LANGUAGE = "xx"
"""A language without rules of its own."""

PIECES = (
    " ", "\n", "a", "A", "1", "0", ".", ",", ":", "-", "–", "/", "(", ")", "[", "]", "<", ">", "*", "_", "`", "|", "#",
    "&", "=", "'", '"', "~", "\\", "°", "$", "%", "@", "½", "1 ", "1,", "1.", "1,000", "1:", "1-", "1/",
    "a ", "a.", "a-", "a/", "A.", "A ", "( ", "[a](", "<a ", "<!-- ", "- ", "> ", ", ", "1 a ", "$1", "http://a/",
    "```", "[[", "](", "é", "温", "क",
)  # fmt: skip
"""Parts of texts on which regular expressions may take quadratic time, when they are repeated."""

LONG = 3_000
"""Characters. Linear rules take at most some tenths of a millisecond for them, quadratic ones ten to hundreds."""

FAST_SECONDS = 0.002
"""Below this time, a rule counts as linear without another measurement."""

MAX_GROWTH = 8.0
"""Four times the text takes four times as long in linear rules, and sixteen times as long in quadratic ones."""

ATTEMPTS = 5


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.language}: {example.written}")
def test_example_is_read_as_its_rule_says(example: Example) -> None:
    language = OTHER_LANGUAGE if example.language == ANY else example.language
    assert filter_text(example.written, language) == example.spoken


def test_rules_have_examples_of_known_languages() -> None:
    known = {ANY, *LANGUAGES}
    for _, rule in RULES:
        assert rule.examples, f"{rule.pattern} has no example"
        assert {example.language for example in rule.examples} <= known
        assert rule.languages <= known


def test_every_rule_changes_one_of_its_examples() -> None:
    changing = set(chain.from_iterable(map(changing_patterns, EXAMPLES)))
    # A shared rule has the same examples, but another pattern, in each language.
    patterns: dict[tuple[Example, ...], list[str]] = {}
    for _, rule in RULES:
        patterns.setdefault(rule.examples, []).append(rule.pattern)
    assert not [variants for variants in patterns.values() if changing.isdisjoint(variants)]


def changing_patterns(example: Example) -> Iterator[str]:
    """Yield the patterns of the rules that change the text of an example."""
    text = example.written
    for item in text_filters(OTHER_LANGUAGE if example.language == ANY else example.language):
        if isinstance(item.apply, RuleFilter):
            for rule in item.apply.rules:
                changed = RuleFilter([rule])(text)
                if changed != text:
                    yield rule.pattern
                text = changed


def test_language_has_rules_only_in_known_steps() -> None:
    steps = {step.name for step in STEPS}
    for language in map(load_language, LANGUAGES):
        assert language.code in LANGUAGES
        assert steps >= {*language.rules, *language.examples}


@pytest.mark.parametrize("rule", DISTINCT_RULES, ids=lambda rule: rule.pattern)
def test_time_of_rule_is_linear_in_repeated_examples(rule: Rule) -> None:
    written = {example.written for example in rule.examples}
    parts = chain.from_iterable(text.split() for text in written)
    for piece in dict.fromkeys((*PIECES, *written, *parts)):
        assert is_linear(rule, piece), f"slow on repetitions of {piece!r}"


@pytest.mark.slow  # Minutes, and the test above finds most slow rules.
@pytest.mark.parametrize("rule", DISTINCT_RULES, ids=lambda rule: rule.pattern)
def test_time_of_rule_is_linear_in_repeated_pairs(rule: Rule) -> None:
    for first, second in combinations(PIECES, 2):
        # In one text, because both orders differ only at their begin and end.
        assert is_linear(rule, first + second, second + first), f"slow on repetitions of {first!r} and {second!r}"


def is_linear(rule: Rule, *pieces: str) -> bool:
    """Return whether the time of `rule` grows at most with the length of repetitions of `pieces`, each on a line."""
    if any(needed.isdisjoint(characters_in(pieces)) for needed in rule.needed):
        # The filter skips the rule.
        return True
    apply = RuleFilter([rule])
    long = repeat(pieces, LONG)
    if fastest(apply, long, 1) < FAST_SECONDS:
        return True
    short = repeat(pieces, LONG // 4)
    # A machine that slows down between the two measurements makes a rule look slow, but not each time.
    return any(fastest(apply, long, 5) < MAX_GROWTH * fastest(apply, short, 5) for _ in range(ATTEMPTS))


@functools.cache
def repeat(pieces: tuple[str, ...], length: int) -> str:
    """Return about `length` characters as a rule receives them: the first step shortens whitespace."""
    length //= len(pieces)
    return "\n".join(shorten(piece * (length // len(piece)) + "!") for piece in pieces)


@functools.cache
def characters_in(pieces: tuple[str, ...]) -> frozenset[str]:
    """Return the characters of the text in which `is_linear` repeats `pieces`."""
    return characters_of(repeat(pieces, LONG))


def fastest(apply: Callable[[str], str], text: str, repeats: int) -> float:
    """Return the least CPU time of `repeats` runs, in seconds."""
    best = float("inf")
    for _ in range(repeats):
        start = time.thread_time()
        apply(text)
        best = min(best, time.thread_time() - start)
    return best


def test_reading_page_is_up_to_date() -> None:
    """`python -m tools.data.make_reading_page` writes it."""
    assert PAGE.read_text("utf-8") == format_page()
