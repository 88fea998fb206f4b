"""The lexicon: words with a pronunciation of their own, which a user can teach while the server runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class LexiconEntry:
    """A word and its pronunciation."""

    word: str
    sound: str
    """Another spelling, or IPA between slashes."""
    language: str
    """The primary subtag, such as `en`."""
    origin: str = ""
    """The configuration file that sets the word; empty for a taught word."""


@runtime_checkable
class Lexicon(Protocol):
    """Words with their pronunciations. Taught words are used from the next segment on. Any thread may call it."""

    @property
    def languages(self) -> Sequence[str]:
        """The languages that can have words."""

    def entries(self) -> Sequence[LexiconEntry]:
        """Return all words, those of the configuration too."""

    def teach(self, entry: LexiconEntry) -> LexiconEntry:
        """Store a word, or replace its pronunciation. Return the entry as it was stored.

        Blocks. Raises `LexiconError` for an unusable entry, and for a word that the configuration sets.
        """

    def forget(self, word: str, language: str) -> None:
        """Remove a taught word. Blocks. Raises `LexiconError` if there is none."""

    def preview(self, text: str, entry: LexiconEntry) -> str:
        """Return a text that sounds as `text` would after `teach(entry)`. Raises `LexiconError` as `teach` does."""
