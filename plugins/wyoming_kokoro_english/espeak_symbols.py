"""Converts espeak's English phonemes to misaki's symbols.

Kokoro's English voices were trained on misaki's symbols: one for each diphthong and affricate, and no length marks in
American English. The vocabulary has espeak's symbols too, for other languages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_COMMON = (
    ("aɪ", "I"), ("aʊ", "W"), ("eɪ", "A"), ("ɔɪ", "Y"), ("dʒ", "ʤ"), ("tʃ", "ʧ"),
    ("ʔn\u0329", "tn"), ("n\u0329", "ᵊn"), ("l\u0329", "ᵊl"), ("m\u0329", "ᵊm"), ("ɐ", "ə"),
    ("r", "ɹ"), ("x", "k"), ("ç", "k"), ("ɬ", "l"), ("ʔ", "t"), ("ʲ", ""), ("\u0303", ""),
)  # fmt: skip
_REPLACEMENTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "en-US": (*_COMMON, ("oʊ", "O"), ("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɚ", "əɹ"), ("e", "A"), ("ɾ", "T"), ("ː", ""),
              ("ɹɹ", "ɹ"), ("o", "ɔ")),
    "en-GB": (*_COMMON, ("əʊ", "Q"), ("eə", "ɛː"), ("iə", "ɪə"), ("e", "A"), ("o", "ɔ")),
}  # fmt: skip
"""Replacements of each accent, in the order in which they are made."""
# The last syllable of "bottle", but not the middle of "hello".
_SYLLABIC_L = re.compile("əl(?![ˈˌAIOQWYaiuæɑɒɔəɛɜɪʊʌᵻ])")
# `I`, `I'm`, `I've`, `I'll` and `I'd`. espeak writes them without stress, and then the model swallows them.
_PRONOUN_I = re.compile(r"(?<!\S)I(?=[mvld]?(?!\S))")


def to_misaki_symbols(language: str, phonemes: str) -> str:
    """Return espeak's `phonemes` of `en-US` or `en-GB` in misaki's symbols."""
    for espeak, misaki in _REPLACEMENTS[language]:
        phonemes = phonemes.replace(espeak, misaki)
    return _PRONOUN_I.sub("ˌI", _SYLLABIC_L.sub("ᵊl", phonemes))
