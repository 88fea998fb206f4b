"""Joins endings to words in the American and the British accent, in misaki's symbols."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

VOWELS = frozenset("AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻɐ")
_VOICELESS = frozenset("ptkfθʃsʧ")
_SIBILANTS = frozenset("szʃʒʧʤ")


@dataclass(frozen=True, slots=True)
class Accent:
    """An accent of English."""

    file_prefix: str
    """The first part of the names of misaki's data files."""
    reduced_vowel: str
    """The vowel of the endings `-es` and `-ed`."""
    has_flaps: bool
    """Whether `t` between vowels becomes a tap, as in American `water`."""

    def add_s(self, stem: str) -> str:
        """Return the phonemes of `stem` with `-s` or `'s`."""
        if stem[-1] in _SIBILANTS:
            return f"{stem}{self.reduced_vowel}z"
        return stem + ("s" if stem[-1] in _VOICELESS else "z")

    def add_ed(self, stem: str) -> str:
        """Return the phonemes of `stem` with `-ed`."""
        if stem[-1] in "td":
            return f"{self._before_vowel(stem)}{self.reduced_vowel}d"
        return stem + ("t" if stem[-1] in _VOICELESS else "d")

    def add_ing(self, stem: str) -> str:
        """Return the phonemes of `stem` with `-ing`. British English pronounces a final `r` before it."""
        linking_r = "ɹ" if not self.has_flaps and stem[-1] in "əː" else ""
        return f"{self._before_vowel(stem)}{linking_r}ɪŋ"

    def _before_vowel(self, stem: str) -> str:
        is_flapped = self.has_flaps and stem[-1] == "t" and stem[-2:-1] in VOWELS | {"ɹ"}
        return f"{stem[:-1]}ɾ" if is_flapped else stem


ACCENTS: Mapping[str, Accent] = {
    "en-US": Accent("us", "ᵻ", has_flaps=True),
    "en-GB": Accent("gb", "ɪ", has_flaps=False),
}
"""By BCP-47 language."""
