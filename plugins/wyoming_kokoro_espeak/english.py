"""espeak's English becomes the English that Kokoro was trained on.

Kokoro's English voices learned from misaki's symbols: one symbol for each diphthong and affricate, and no length in
American. The model has espeak's symbols as well, for other languages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

TIE = "^"
"""What espeak writes within a diphthong and an affricate, so that they are not taken for two sounds."""

_COMMON = (
    ("a^ɪ", "I"), ("a^ʊ", "W"), ("e^ɪ", "A"), ("ɔ^ɪ", "Y"), ("d^ʒ", "ʤ"), ("t^ʃ", "ʧ"),
    ("ʔn\u0329", "tn"), ("ə^l", "ᵊl"), ("n\u0329", "ᵊn"), ("l\u0329", "ᵊl"), ("m\u0329", "ᵊm"), ("ɐ", "ə"),
    ("r", "ɹ"), ("x", "k"), ("ç", "k"), ("ɬ", "l"), ("ʔ", "t"), ("ʲ", ""), ("\u0303", ""),
)  # fmt: skip
ACCENTS: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "en-us": (*_COMMON, ("o^ʊ", "O"), ("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɚ", "əɹ"), ("e", "A"), ("ɾ", "T"), ("ː", ""),
                  (TIE, ""), ("ɹɹ", "ɹ"), ("oɹ", "ɔɹ"), ("o", "ɔ")),
        "en-gb": (*_COMMON, ("ə^ʊ", "Q"), ("e^ə", "ɛː"), ("i^ə", "ɪə"), (TIE, ""), ("iə", "ɪə"), ("e", "A"),
                  ("o", "ɔ")),
    }
)  # fmt: skip
"""By espeak's voice: what is replaced, one after the other."""
_PRONOUN = re.compile(r"(?<!\S)I(?=[mvld]?(?!\S))")
"""`I`, `I'm`, `I've`, `I'll` and `I'd`: without stress, which espeak leaves out, the model swallows them."""


def kokoro_english(phonemes: str, voice: str) -> str:
    """Return espeak's phonemes, with `TIE`, in Kokoro's English; those of another voice as they are."""
    for espeak, kokoro in ACCENTS.get(voice, ()):
        phonemes = phonemes.replace(espeak, kokoro)
    return _PRONOUN.sub("ˌI", phonemes) if voice in ACCENTS else phonemes
