"""Says words as the configuration has them: by another spelling, or by IPA."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields

from wyoming_kokoro import ConfigError, PluginContext, TextFilter, hookimpl
from wyoming_kokoro_lexicon.entries import LexiconEntries

FILTER_ORDER = 25
"""Behind markdown and emoji, and before all that expands abbreviations, units and numbers: a word may look like one."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.lexicon]`: a table of words for each language."""

    en: dict[str, str] = field(default_factory=dict)
    es: dict[str, str] = field(default_factory=dict)
    fr: dict[str, str] = field(default_factory=dict)
    hi: dict[str, str] = field(default_factory=dict)
    it: dict[str, str] = field(default_factory=dict)
    ja: dict[str, str] = field(default_factory=dict)
    pt: dict[str, str] = field(default_factory=dict)
    zh: dict[str, str] = field(default_factory=dict)


class LexiconPlugin:
    """Brings a text filter for every language that has words."""

    def __init__(self, context: PluginContext) -> None:
        """Raises `ConfigError`, with the word and what to do, for a word that cannot be said."""
        settings = context.settings(Settings)
        tables: dict[str, Mapping[str, str]] = {item.name: getattr(settings, item.name) for item in fields(settings)}
        self._entries = {
            language: _entries(words, context.where, language) for language, words in tables.items() if words
        }

    @hookimpl
    def kokoro_text_filters(self) -> Iterator[TextFilter]:
        """Return a filter for each language of the configuration."""
        for language, entries in self._entries.items():
            yield TextFilter(f"lexicon-{language}", FILTER_ORDER, entries.apply, frozenset({language}))


def _entries(words: Mapping[str, str], where: str, language: str) -> LexiconEntries:
    for word, said in words.items():
        try:
            LexiconEntries({word: said})
        except ValueError as error:
            raise ConfigError(where, f'plugins.lexicon.{language}."{word}"', str(error)) from None
    return LexiconEntries(words)
