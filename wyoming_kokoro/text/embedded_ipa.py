"""Sounds that stand in a text among its letters: IPA as private-use characters, one for each symbol of the model.

Segmentation and text filters take such characters for letters that they do not know, and leave them alone. So a sound
can be put in at any place of the path, by a filter for instance, and no phonemizer is asked about it.
"""

from __future__ import annotations

import re

from wyoming_kokoro.model.vocabulary import SOUNDS, VOCABULARY

_FIRST = 0xF0000
"""Where Unicode's second private-use area begins; the character of a symbol lies as far behind as its token id."""
_MARKS = frozenset("ˈˌː ʰʲᵊᵝ\u0303↓→↗↘")
_WRITTEN = {symbol: chr(_FIRST + token) for symbol, token in VOCABULARY.items() if symbol in SOUNDS | _MARKS}
_READ = {ord(character): symbol for symbol, character in _WRITTEN.items()}
_LOOKALIKES = str.maketrans(
    {"g": "ɡ", "'": "ˈ", "’": "ˈ", ":": "ː", "ɝ": "ɜɹ", "ɫ": "l", ".": "", "\u0361": "", "\u035c": ""}
)
"""What is often written for a symbol that the model has; the dots and ties of dictionaries are no sounds."""

IPA_SPAN = re.compile(f"([{chr(_FIRST)}-{chr(_FIRST + max(VOCABULARY.values()))}]+)")
"""A run of sounds, as a group for `re.split`."""


def embed_ipa(ipa: str) -> str:
    """Return what stands in a text for `ipa`, to be said as it is.

    The symbols are those of Kokoro's vocabulary: IPA, and for English `A I O Q W Y ʤ ʧ ᵊ ᵻ T`. Raises `ValueError`,
    with what to do, for another symbol and for what has no sound.
    """
    symbols = ipa.translate(_LOOKALIKES)
    for symbol in symbols:
        if symbol not in _WRITTEN:
            raise ValueError(
                f"{symbol!r} (U+{ord(symbol):04X}) is no sound that the model knows;"
                f" leave it out or write the nearest of {''.join(sorted(SOUNDS | _MARKS - {' '}))}"
            )
    if SOUNDS.isdisjoint(symbols):
        raise ValueError("has no sound; write the phonemes of a word, such as /kˈOkəɹO/")
    return "".join(_WRITTEN[symbol] for symbol in symbols)


def extract_ipa(span: str) -> str:
    """Return the phonemes that a `SPAN` stands for."""
    return "".join(_READ.get(ord(character), "") for character in span)
