"""The interfaces of plugins that process text: phonemizers and filters.

They are for the hooks `kokoro_phonemizer`, `kokoro_text_filters` and `kokoro_phoneme_filters`. The folders
`examples/phonemizer` and `examples/text_filter` are whole plugins.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable


@runtime_checkable
class Phonemizer(Protocol):
    """Turns text of one language into phonemes.

    A phonemizer may have these attributes:
    - `version`, a string that changes with anything besides our code that determines the phonemes, such as a
      dictionary. Phonemes are cached.
    - `alphabet`, the name of its phoneme symbols if they are not espeak's, such as `misaki`.
    - `foreign`, a compiled pattern that finds words which the phonemizer cannot read, such as words in Latin letters.
      They are read as English.
    """

    def phonemize(self, text: str) -> str:
        """Return IPA, with the punctuation of `text`. Runs on a worker thread, one call at a time."""


@dataclass(frozen=True, slots=True)
class TextFilter:
    """One step that rewrites text, or phonemes.

    A text filter that knows how a word sounds replaces the word by `embed_ipa(ipa)`.
    """

    name: str
    order: int
    """Filters run in ascending order. From 30 on, words in other scripts get the filters of their own language."""
    apply: Callable[[str], str]
    languages: frozenset[str] = field(default_factory=frozenset)
    """Languages (`en-GB`) or primary subtags (`en`); empty means all."""
    version: str | Callable[[], str] = ""
    """Anything besides our code and settings that determines the results, such as a dictionary. Phonemes are cached.

    A function if the results change while the server runs. The event loop calls it for each segment.
    """

    phonemizer: str = ""
    """The filter applies only if the phonemizer of the language is that of this plugin. Empty: any phonemizer."""
    alphabet: str = ""
    """The name of the symbols after a phoneme filter, such as `misaki`. Empty: those before the filter."""

    def is_for(self, language: str) -> bool:
        """Return whether the filter applies to a BCP-47 `language`."""
        return not self.languages or not self.languages.isdisjoint({language, language.split("-", 1)[0].lower()})
