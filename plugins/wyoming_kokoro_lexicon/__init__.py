"""Pronounces words as the configuration says: by another spelling, or by IPA."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

from wyoming_kokoro import ConfigError, PluginContext, TextFilter, hookimpl
from wyoming_kokoro_lexicon.entries import LexiconEntries

FILTER_ORDER = 25
"""After Markdown and emoji, but before abbreviations, units and numbers, because an entry may look like one."""


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
    """Provides a text filter for every language that has words in the configuration."""

    def __init__(self, context: PluginContext) -> None:
        """Raises `ConfigError` for a word without a usable pronunciation."""
        self._entries: dict[str, LexiconEntries] = {}
        for language, words in asdict(context.settings(Settings)).items():
            for word, pronunciation in words.items():
                try:
                    LexiconEntries({word: pronunciation})
                except ValueError as error:
                    raise ConfigError(
                        context.config_source, f'plugins.lexicon.{language}."{word}"', str(error)
                    ) from None
            if words:
                self._entries[language] = LexiconEntries(words)

    @hookimpl
    def kokoro_text_filters(self) -> Iterator[TextFilter]:
        """Return a filter for each configured language."""
        for language, entries in self._entries.items():
            yield TextFilter(f"lexicon-{language}", FILTER_ORDER, entries.apply, frozenset({language}))
