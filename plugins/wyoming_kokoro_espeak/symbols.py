"""Converts espeak's phonemes of languages without a Kokoro voice to the nearest symbols of the model."""

from __future__ import annotations

import re
import unicodedata

_NASAL = "\u0303"
_NEAREST = str.maketrans(
    {
        "g": "ɡ", "ʐ": "ʒ", "ʑ": "ʒ", "ħ": "h", "ɦ": "h", "ʜ": "h", "ʕ": "ʔ", "ʢ": "ʔ", "ɭ": "l", "ɬ": "l", "ɫ": "l",
        "ʟ": "l", "ɺ": "ɾ", "ɽ": "ɾ", "ʀ": "ʁ", "ɱ": "m", "ɓ": "b", "ɗ": "d", "ɠ": "ɡ", "ɢ": "ɡ", "ʄ": "ɟ", "ʙ": "b",
        "ʏ": "y", "ɶ": "œ", "ʉ": "ɯ", "ɵ": "ø", "ɘ": "ə", "ɞ": "ɜ", "ɝ": "ɜ", "ʍ": "w", "ᵝ": "",
    }
)  # fmt: skip
# espeak writes retroflex sounds of Chinese with a full stop, and aspirated ones with an h.
_RETROFLEX = re.compile(r"s\.(?=[\wˈˌ])")
_ASPIRATION = re.compile("(?<=[ptkɕʂs])h")
_POINT_IN_WORD = re.compile(r"\.(?=[\wˈˌ])")


def to_kokoro_symbols(phonemes: str) -> str:
    """Return `phonemes` with the nearest symbols of the model."""
    plain = "".join(
        symbol
        for symbol in unicodedata.normalize("NFD", phonemes)
        if symbol == _NASAL or not unicodedata.combining(symbol)
    )
    plain = _POINT_IN_WORD.sub("", _RETROFLEX.sub("ʂ", plain))
    return _ASPIRATION.sub("ʰ", plain).translate(_NEAREST)
