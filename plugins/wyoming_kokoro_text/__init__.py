"""Makes text that was written to be read speakable: a table of filters, each a table of rules.

Another language is one more module of words, like `spanish`, and a line in `LANGUAGES`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

from wyoming_kokoro import PluginContext, TextFilter, hookimpl
from wyoming_kokoro_text import emoji_filter, english_dates, markup, notation
from wyoming_kokoro_text.english_names import NAMES
from wyoming_kokoro_text.english_numbers import NUMBERS
from wyoming_kokoro_text.language_words import LanguageWords
from wyoming_kokoro_text.languages.english import WORDS as ENGLISH
from wyoming_kokoro_text.languages.french import WORDS as FRENCH
from wyoming_kokoro_text.languages.hindi import WORDS as HINDI
from wyoming_kokoro_text.languages.italian import WORDS as ITALIAN
from wyoming_kokoro_text.languages.portuguese import WORDS as PORTUGUESE
from wyoming_kokoro_text.languages.spanish import WORDS as SPANISH
from wyoming_kokoro_text.rules import Deferred, Rules

LANGUAGES = {"es": SPANISH, "fr": FRENCH, "hi": HINDI, "it": ITALIAN, "pt": PORTUGUESE}
"""Languages whose signs are said; English has more rules than these."""


SIGNS = {
    "addresses": (35, notation.addresses),
    "dates": (40, notation.dates),
    "times": (45, notation.times),
    "ranges": (50, notation.ranges),
    "money": (55, notation.money),
    "units": (60, notation.units),
    "symbols": (65, notation.symbols),
}
"""The order of the rules for signs, and what makes them of a language's words."""


def _filter(language: str, name: str, order: int, table: Rules | Deferred) -> TextFilter:
    return TextFilter(f"{language}-{name}", order, table, frozenset({language}))


def _signs(language: str, words: LanguageWords) -> Iterator[TextFilter]:
    """Yield the filters of a language that has words for signs."""
    for name, (order, make) in SIGNS.items():
        yield _filter(language, name, order, Deferred(partial(make, words)))


def _english() -> Iterator[TextFilter]:
    """Yield the filters of English."""
    own = {"en-dates": english_dates.DATES, "en-times": english_dates.TIMES}
    yield _filter("en", "abbreviations", 30, english_dates.ABBREVIATIONS)
    for item in _signs("en", ENGLISH):
        yield TextFilter(item.name, item.order, own.get(item.name, item.apply), item.languages)
    yield _filter("en", "numbers", 70, NUMBERS)
    yield _filter("en", "names", 75, NAMES)


FILTERS = (
    TextFilter("markup", 10, markup.RULES),
    *_english(),
    *(item for language, words in LANGUAGES.items() for item in _signs(language, words)),
    TextFilter("whitespace", 90, markup.WHITESPACE),
)
"""All but those for emoji. Leave gaps in the order: filters of other plugins go between."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.text]`."""

    emoji: Literal["drop", "name"] = "drop"
    """What becomes of emoji: nothing, or their names."""


class TextPlugin:
    """Brings text filters."""

    def __init__(self, context: PluginContext) -> None:
        self._settings = context.settings(Settings)

    @hookimpl
    def kokoro_text_filters(self) -> Iterator[TextFilter]:
        """Return `FILTERS` and what the settings make of emoji."""
        if self._settings.emoji == "name":
            for language in emoji_filter.NAMED:
                yield TextFilter(f"{language}-emoji", 15, emoji_filter.named(language), frozenset({language}))
        yield TextFilter("emoji", 20, emoji_filter.DROPPED)
        yield from FILTERS
