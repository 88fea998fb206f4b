"""Pronounces words as the configuration says, or as users taught them: by another spelling, or by IPA."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass, field
from functools import partial

from wyoming_kokoro import ConfigError, Lexicon, PluginContext, Server, TextFilter, hookimpl
from wyoming_kokoro_lexicon.entries import LexiconEntries
from wyoming_kokoro_lexicon.teachable_lexicon import TeachableLexicon
from wyoming_kokoro_lexicon.watcher import LexiconWatcher
from wyoming_kokoro_lexicon.words_file import WordsFile

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
    """Provides a text filter for every language, and the words that users teach."""

    def __init__(self, context: PluginContext) -> None:
        """Raises `ConfigError` for a word without a usable pronunciation."""
        configured = asdict(context.settings(Settings))
        for language, words in configured.items():
            for word, pronunciation in words.items():
                try:
                    LexiconEntries({word: pronunciation})
                except ValueError as error:
                    raise ConfigError(
                        context.config_source, f'plugins.lexicon.{language}."{word}"', str(error)
                    ) from None
        self._log = context.log
        file = WordsFile(context.state_dir / "words.toml", context.log)
        self._lexicon = TeachableLexicon(configured, context.config_source, file, context.log)

    @hookimpl
    def kokoro_text_filters(self) -> Iterator[TextFilter]:
        """Return a filter for each language."""
        for language in self._lexicon.languages:
            apply, version = partial(self._lexicon.apply, language), partial(self._lexicon.version, language)
            yield TextFilter(f"lexicon-{language}", FILTER_ORDER, apply, frozenset({language}), version)

    @hookimpl
    def kokoro_lexicon(self) -> Lexicon:
        """Return the words of all languages."""
        return self._lexicon

    @hookimpl
    def kokoro_services(self, server: Server) -> Iterator[AbstractAsyncContextManager[object]]:
        """Return the service that notices changes of other processes."""
        yield LexiconWatcher(server, self._lexicon, self._log)
