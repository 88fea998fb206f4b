"""How American and British English join endings to words, in misaki's symbols."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

VOWELS = frozenset("AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻɐ")
_VOICELESS = frozenset("ptkfθʃsʧ")
_HISSING = frozenset("szʃʒʧʤ")


@dataclass(frozen=True, slots=True)
class Accent:
    """One accent of English."""

    file_prefix: str
    """What misaki's files of it begin with."""
    reduced_vowel: str
    """The vowel of the endings `-es` and `-ed`."""
    has_flaps: bool
    """Whether `t` between vowels is a tap."""

    def add_s(self, stem: str) -> str:
        """Return a word with `-s` or `'s`."""
        if stem[-1] in _HISSING:
            return f"{stem}{self.reduced_vowel}z"
        return stem + ("s" if stem[-1] in _VOICELESS else "z")

    def add_ed(self, stem: str) -> str:
        """Return a word with `-ed`."""
        if stem[-1] in "td":
            return f"{self._before_vowel(stem)}{self.reduced_vowel}d"
        return stem + ("t" if stem[-1] in _VOICELESS else "d")

    def add_ing(self, stem: str) -> str:
        """Return a word with `-ing`; a British `r` that was silent is heard."""
        linked = "ɹ" if not self.has_flaps and stem[-1] in "əː" else ""
        return f"{self._before_vowel(stem)}{linked}ɪŋ"

    def _before_vowel(self, stem: str) -> str:
        tapped = self.has_flaps and stem[-1] == "t" and stem[-2:-1] in VOWELS | {"ɹ"}
        return f"{stem[:-1]}ɾ" if tapped else stem


ACCENTS: Mapping[str, Accent] = MappingProxyType(
    {"en-US": Accent("us", "ᵻ", has_flaps=True), "en-GB": Accent("gb", "ɪ", has_flaps=False)}
)
"""By BCP-47 language."""
