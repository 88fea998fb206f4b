"""Makes written text speakable with ordered filters, each a table of substitution rules.

Units of measure are in `units.tsv`; the other words of a language are in `languages/`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

from wyoming_kokoro import PluginContext, TextFilter, hookimpl
from wyoming_kokoro_text import notation
from wyoming_kokoro_text.emoji_filter import NAMED_LANGUAGES, REMOVE_EMOJI, name_emoji
from wyoming_kokoro_text.english_abbreviations import ABBREVIATIONS
from wyoming_kokoro_text.english_dates import DATES, TIMES
from wyoming_kokoro_text.english_names import NAMES
from wyoming_kokoro_text.english_numbers import NUMBERS
from wyoming_kokoro_text.languages import english, french, hindi, italian, portuguese, spanish
from wyoming_kokoro_text.markup import MARKUP, WHITESPACE

LANGUAGES = {
    "en": english.WORDS,
    "es": spanish.WORDS,
    "fr": french.WORDS,
    "hi": hindi.WORDS,
    "it": italian.WORDS,
    "pt": portuguese.WORDS,
}
"""By primary language subtag."""

NOTATION = {
    "addresses": (35, notation.address_rules),
    "dates": (40, notation.date_rules),
    "times": (45, notation.time_rules),
    "ranges": (50, notation.range_rules),
    "money": (55, notation.money_rules),
    "units": (60, notation.unit_rules),
    "symbols": (65, notation.symbol_rules),
}
"""The order of each filter, and the function that makes its rules for a language."""

ENGLISH = {
    "abbreviations": (30, ABBREVIATIONS),
    "dates": (40, DATES),
    "times": (45, TIMES),
    "numbers": (70, NUMBERS),
    "names": (75, NAMES),
}
"""Filters that only English has, or that replace those of `NOTATION`."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.text]`."""

    emoji: Literal["drop", "name"] = "drop"
    """`drop` removes emoji; `name` replaces them with their names."""


class TextPlugin:
    """Provides the built-in text filters."""

    def __init__(self, context: PluginContext) -> None:
        self._settings = context.settings(Settings)

    @hookimpl
    def kokoro_text_filters(self) -> Iterator[TextFilter]:
        """Return the filters. Gaps in their order leave room for filters of other plugins."""
        yield TextFilter("markup", 10, MARKUP)
        if self._settings.emoji == "name":
            for language in NAMED_LANGUAGES:
                yield TextFilter(f"{language}-emoji", 15, partial(name_emoji, language), frozenset({language}))
        yield TextFilter("emoji", 20, REMOVE_EMOJI)
        for language, words in LANGUAGES.items():
            filters = {name: (order, make_rules(words)) for name, (order, make_rules) in NOTATION.items()}
            for name, (order, rules) in (filters | ENGLISH if language == "en" else filters).items():
                yield TextFilter(f"{language}-{name}", order, rules, frozenset({language}))
        yield TextFilter("whitespace", 90, WHITESPACE)
