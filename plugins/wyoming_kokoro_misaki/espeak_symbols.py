"""What espeak says of words that the dictionary lacks, in the dictionary's symbols.

Kokoro's English voices learned from misaki's: one symbol for each diphthong and affricate, and no length in American.
The model has espeak's symbols too, for other languages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

_COMMON = (
    ("aɪ", "I"), ("aʊ", "W"), ("eɪ", "A"), ("ɔɪ", "Y"), ("dʒ", "ʤ"), ("tʃ", "ʧ"),
    ("ʔn\u0329", "tn"), ("n\u0329", "ᵊn"), ("l\u0329", "ᵊl"), ("m\u0329", "ᵊm"), ("ɐ", "ə"),
    ("r", "ɹ"), ("x", "k"), ("ç", "k"), ("ɬ", "l"), ("ʔ", "t"), ("ʲ", ""), ("\u0303", ""),
)  # fmt: skip
_ACCENTS: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "en-US": (*_COMMON, ("oʊ", "O"), ("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɚ", "əɹ"), ("e", "A"), ("ɾ", "T"), ("ː", ""),
                  ("ɹɹ", "ɹ"), ("o", "ɔ")),
        "en-GB": (*_COMMON, ("əʊ", "Q"), ("eə", "ɛː"), ("iə", "ɪə"), ("e", "A"), ("o", "ɔ")),
    }
)  # fmt: skip
"""What is replaced, one after the other."""
_SYLLABIC = re.compile("əl(?![ˈˌAIOQWYaiuæɑɒɔəɛɜɪʊʌᵻ])")
"""The end of "bottle", not the middle of "hello"."""
_PRONOUN = re.compile(r"(?<!\S)I(?=[mvld]?(?!\S))")
"""`I`, `I'm`, `I've`, `I'll` and `I'd`: without stress, which espeak leaves out, the model swallows them."""


def to_misaki_symbols(language: str, phonemes: str) -> str:
    """Return espeak's phonemes of `en-US` or `en-GB` in misaki's symbols."""
    for espeak, misaki in _ACCENTS[language]:
        phonemes = phonemes.replace(espeak, misaki)
    return _PRONOUN.sub("ˌI", _SYLLABIC.sub("ᵊl", phonemes))
