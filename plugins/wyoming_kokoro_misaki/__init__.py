"""English by misaki's dictionary, from which the model learned; words that it lacks are left to the phonemizer.

misaki's own code asks spaCy for parts of speech, and spaCy's English model is on no package index; its dictionary,
which is most of the gain, is read from the installed package by our own look-up.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path

from wyoming_kokoro import PluginContext, PluginUnavailable, TextFilter, hookimpl
from wyoming_kokoro_misaki.accents import ACCENTS
from wyoming_kokoro_misaki.dictionary import MisakiDictionary
from wyoming_kokoro_misaki.espeak_symbols import to_misaki_symbols
from wyoming_kokoro_misaki.lookup import DictionaryLookup

FILTER_ORDER = 95
"""Behind every filter that changes words."""


@dataclass(frozen=True, slots=True)
class NoSettings:
    """`[plugins.misaki]` has no keys of its own."""


class MisakiPlugin:
    """Brings a text filter and a phoneme filter for each English accent."""

    def __init__(self, context: PluginContext) -> None:
        """Raises `PluginUnavailable` when misaki is not installed."""
        context.settings(NoSettings)
        found = importlib.util.find_spec("misaki")
        if not found or not found.origin:
            raise PluginUnavailable(
                "the English dictionary needs pip install 'wyoming-kokoro[misaki]', on Python 3.12 or older"
            )
        self._data = Path(found.origin).parent / "data"
        self._version = f"misaki {metadata.version('misaki')}"

    @hookimpl
    def kokoro_phoneme_filters(self) -> Iterator[TextFilter]:
        """Return what puts the phonemes of other words into the dictionary's symbols."""
        for language in ACCENTS:
            yield TextFilter(
                f"misaki-{language}", FILTER_ORDER, partial(to_misaki_symbols, language), frozenset({language})
            )

    @hookimpl
    def kokoro_text_filters(self) -> Iterator[TextFilter]:
        """Return the filters; each reads its dictionary when it is first used."""
        for language, accent in ACCENTS.items():
            lookup = DictionaryLookup(MisakiDictionary(self._data, accent), accent)
            yield TextFilter(
                f"misaki-{language}", FILTER_ORDER, lookup.embed_known_words, frozenset({language}), self._version
            )
