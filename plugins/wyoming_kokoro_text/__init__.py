"""Makes text that was written to be read speakable: a table of filters, each a table of rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wyoming_kokoro import PluginContext, TextFilter, hookimpl
from wyoming_kokoro_text import english, markup

ENGLISH = frozenset({"en"})

FILTERS = (
    TextFilter("markup", 10, markup.RULES),
    TextFilter("emoji", 20, markup.EMOJI),
    TextFilter("english-abbreviations", 30, english.ABBREVIATIONS, ENGLISH),
    TextFilter("english-addresses", 35, english.ADDRESSES, ENGLISH),
    TextFilter("english-dates", 40, english.DATES, ENGLISH),
    TextFilter("english-times", 45, english.TIMES, ENGLISH),
    TextFilter("english-ranges", 50, english.RANGES, ENGLISH),
    TextFilter("english-money", 55, english.MONEY, ENGLISH),
    TextFilter("english-units", 60, english.UNITS, ENGLISH),
    TextFilter("english-symbols", 65, english.SYMBOLS, ENGLISH),
    TextFilter("whitespace", 90, markup.WHITESPACE),
)
"""Leave gaps in the order: filters of other plugins go between."""


@dataclass(frozen=True, slots=True)
class NoSettings:
    """`[plugins.text]` has no keys of its own."""


class Text:
    """Brings text filters."""

    def __init__(self, context: PluginContext) -> None:
        context.settings(NoSettings)

    @hookimpl
    def kokoro_text_filters(self) -> Iterator[TextFilter]:
        """Return all of `FILTERS`."""
        yield from FILTERS
