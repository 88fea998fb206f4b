"""What text plugins implement: phonemizers and text filters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable


@runtime_checkable
class Phonemizer(Protocol):
    """Turns text of one language into phonemes.

    One that rests on something that may change apart from its own code, such as a dictionary, has an attribute
    `version`, a string that changes with it: phonemes are remembered. One that cannot read some words, such as those
    in Latin letters, has an attribute `foreign`, a compiled pattern that finds them: they are said in English.
    """

    def phonemize(self, text: str) -> str:
        """Return IPA with punctuation kept. Runs on a worker thread, from one call at a time."""


@dataclass(frozen=True, slots=True)
class TextFilter:
    """One step that makes text speakable. Filters run in `order`, lowest first.

    A filter that knows how something sounds writes `spoken(ipa)` in its place.
    """

    name: str
    order: int
    apply: Callable[[str], str]
    languages: frozenset[str] = field(default_factory=frozenset)
    """Languages (`en-GB`) or primary subtags (`en`) this filter is for; empty means all."""
    version: str = ""
    """What its results depend on besides our own code and settings, such as a dictionary: phonemes are remembered."""

    def is_for(self, language: str) -> bool:
        """Return whether it is for a BCP-47 `language`."""
        return not self.languages or not self.languages.isdisjoint({language, language.split("-", 1)[0].lower()})
