"""Makes text that was written to be read speakable: a table of filters, each a table of rules.

Another language is one more module of words, like `spanish`, and a line in `LANGUAGES`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

from wyoming_kokoro import PluginContext, TextFilter, hookimpl
from wyoming_kokoro_text import english, markup, pictures, signs
from wyoming_kokoro_text.english_names import NAMES
from wyoming_kokoro_text.english_numbers import NUMBERS
from wyoming_kokoro_text.english_words import WORDS as ENGLISH
from wyoming_kokoro_text.french import WORDS as FRENCH
from wyoming_kokoro_text.hindi import WORDS as HINDI
from wyoming_kokoro_text.italian import WORDS as ITALIAN
from wyoming_kokoro_text.portuguese import WORDS as PORTUGUESE
from wyoming_kokoro_text.rules import Deferred, Rules
from wyoming_kokoro_text.spanish import WORDS as SPANISH
from wyoming_kokoro_text.words import Words

LANGUAGES = {"es": SPANISH, "fr": FRENCH, "hi": HINDI, "it": ITALIAN, "pt": PORTUGUESE}
"""Languages whose signs are said; English has more rules than these."""


SIGNS = {
    "addresses": (35, signs.addresses),
    "dates": (40, signs.dates),
    "times": (45, signs.times),
    "ranges": (50, signs.ranges),
    "money": (55, signs.money),
    "units": (60, signs.units),
    "symbols": (65, signs.symbols),
}
"""The order of the rules for signs, and what makes them of a language's words."""


def _filter(language: str, name: str, order: int, table: Rules | Deferred) -> TextFilter:
    return TextFilter(f"{language}-{name}", order, table, frozenset({language}))


def _signs(language: str, words: Words) -> Iterator[TextFilter]:
    """Yield the filters of a language that has words for signs."""
    for name, (order, make) in SIGNS.items():
        yield _filter(language, name, order, Deferred(partial(make, words)))


def _english() -> Iterator[TextFilter]:
    """Yield the filters of English."""
    own = {"en-dates": english.DATES, "en-times": english.TIMES}
    yield _filter("en", "abbreviations", 30, english.ABBREVIATIONS)
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


class Text:
    """Brings text filters."""

    def __init__(self, context: PluginContext) -> None:
        self._settings = context.settings(Settings)

    @hookimpl
    def kokoro_text_filters(self) -> Iterator[TextFilter]:
        """Return `FILTERS` and what the settings make of emoji."""
        if self._settings.emoji == "name":
            for language in pictures.NAMED:
                yield TextFilter(f"{language}-emoji", 15, pictures.named(language), frozenset({language}))
        yield TextFilter("emoji", 20, pictures.DROPPED)
        yield from FILTERS
