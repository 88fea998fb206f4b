"""Pronounces English words with misaki's dictionary, on which Kokoro was trained.

Words that the dictionary lacks are left to the phonemizer. Only misaki's data files are read: its code needs spaCy's
English model, which no package index offers.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from functools import partial
from importlib import metadata
from pathlib import Path

from wyoming_kokoro import PluginContext, PluginUnavailable, TextFilter, hookimpl
from wyoming_kokoro_misaki.accents import ACCENTS
from wyoming_kokoro_misaki.dictionary import MisakiDictionary
from wyoming_kokoro_misaki.espeak_symbols import to_misaki_symbols
from wyoming_kokoro_misaki.lookup import DictionaryLookup

FILTER_ORDER = 95
"""After every filter that changes words."""


class MisakiPlugin:
    """Provides a text filter and a phoneme filter for each English accent."""

    def __init__(self, context: PluginContext) -> None:
        """Raises `PluginUnavailable` when misaki is not installed."""
        context.expect_no_settings()
        found = importlib.util.find_spec("misaki")
        if not found or not found.origin:
            raise PluginUnavailable(
                "the English dictionary needs pip install 'wyoming-kokoro[misaki]', on Python 3.12 or older"
            )
        self._data = Path(found.origin).parent / "data"
        self._version = f"misaki {metadata.version('misaki')}"

    @hookimpl
    def kokoro_phoneme_filters(self) -> Iterator[TextFilter]:
        """Return the filters that convert espeak's phonemes of all other words to misaki's symbols."""
        for language in ACCENTS:
            convert = partial(to_misaki_symbols, language)
            yield TextFilter(f"misaki-{language}", FILTER_ORDER, convert, frozenset({language}))

    @hookimpl
    def kokoro_text_filters(self) -> Iterator[TextFilter]:
        """Return the filters that replace known words; each reads its dictionary on first use."""
        for language, accent in ACCENTS.items():
            lookup = DictionaryLookup(MisakiDictionary(self._data, accent))
            yield TextFilter(f"misaki-{language}", FILTER_ORDER, lookup, frozenset({language}), self._version)
