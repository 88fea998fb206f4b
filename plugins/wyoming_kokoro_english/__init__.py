"""Pronounces American and British English with hibari, a port of the front end on which Kokoro was trained.

A text filter embeds the phonemes of every word that hibari knows. espeak reads the other words, and a phoneme filter
converts them to the same symbols. When hibari fails on a segment, the segment stays as it is and espeak reads it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from importlib import metadata

from wyoming_kokoro import PluginContext, PluginUnavailable, TextFilter, hookimpl
from wyoming_kokoro_english.espeak_symbols import to_misaki_symbols
from wyoming_kokoro_english.front_end import FrontEnds
from wyoming_kokoro_english.reader import EnglishReader

FILTER_ORDER = 95
"""After every filter that changes words."""
PHONEMIZER = "espeak"
"""The plugin whose phonemizer reads unknown words. With another phonemizer, this plugin reads nothing."""
ACCENTS = {"en-US": False, "en-GB": True}
"""Whether the accent is British, by BCP-47 language."""


class EnglishPlugin:
    """Provides a text filter and a phoneme filter for each English accent."""

    def __init__(self, context: PluginContext) -> None:
        """Raises `PluginUnavailable` when hibari is not installed."""
        context.expect_no_settings()
        try:
            self._version = f"hibari {metadata.version('hibari-tts')}"
        except metadata.PackageNotFoundError:
            raise PluginUnavailable("needs pip install hibari-tts") from None
        self._front_ends = FrontEnds(context.cache_dir / "english")

    @hookimpl
    def kokoro_phoneme_filters(self) -> Iterator[TextFilter]:
        """Return the filters that convert espeak's phonemes of all other words to misaki's symbols."""
        for language in ACCENTS:
            convert = partial(to_misaki_symbols, language)
            languages = frozenset({language})
            yield TextFilter(
                f"english-{language}", FILTER_ORDER, convert, languages, phonemizer=PHONEMIZER, alphabet="misaki"
            )

    @hookimpl
    def kokoro_text_filters(self) -> Iterator[TextFilter]:
        """Return the filters that replace known words; each loads its dictionary on first use."""
        for language, is_british in ACCENTS.items():
            reader = EnglishReader(partial(self._front_ends.load, is_british))
            languages = frozenset({language})
            # Phonemes from before a repair of damaged tables are not used.
            version = f"{self._version} {self._front_ends.repair(is_british)}".rstrip()
            yield TextFilter(f"english-{language}", FILTER_ORDER, reader, languages, version, phonemizer=PHONEMIZER)
