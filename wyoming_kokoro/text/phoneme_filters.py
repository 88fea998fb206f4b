"""Filters the phonemes of a phonemizer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from wyoming_kokoro.api.text import Phonemizer, TextFilter
from wyoming_kokoro.text.pipeline import fail_safe


@dataclass(frozen=True, slots=True)
class FilteredPhonemizer:
    """A `Phonemizer` that filters the phonemes of another one."""

    phonemizer: Phonemizer
    filters: tuple[TextFilter, ...]

    @classmethod
    def for_language(cls, phonemizer: Phonemizer, filters: Iterable[TextFilter], language: str) -> Phonemizer:
        """Return `phonemizer` with the filters that are for `language`."""
        chosen = tuple(fail_safe(item) for item in filters if item.is_for(language))
        return cls(phonemizer, chosen) if chosen else phonemizer

    @property
    def version(self) -> str:
        """The phonemizer's `version`, or an empty string."""
        return str(getattr(self.phonemizer, "version", ""))

    @property
    def alphabet(self) -> str:
        """The name of the phoneme symbols after the last filter, or an empty string for espeak's."""
        names = [getattr(self.phonemizer, "alphabet", ""), *(item.alphabet for item in self.filters)]
        return next((name for name in reversed(names) if name), "")

    @property
    def foreign(self) -> re.Pattern[str] | None:
        """The phonemizer's `foreign` pattern, which finds words that it cannot read."""
        return getattr(self.phonemizer, "foreign", None)

    def phonemize(self, text: str) -> str:
        """Return the filtered phonemes of `text`."""
        phonemes = self.phonemizer.phonemize(text)
        for item in self.filters:
            phonemes = item.apply(phonemes)
        return phonemes
