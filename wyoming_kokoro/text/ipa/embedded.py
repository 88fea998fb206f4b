"""Embeds IPA in text, as one private-use character for each symbol of the model.

Segmentation and text filters treat these characters as unknown letters and leave them unchanged. A text filter can
therefore determine a pronunciation, and no phonemizer reads it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from wyoming_kokoro.model.vocabulary import SOUNDS, VOCABULARY

# The first character of Unicode's second private-use area. A symbol's character is this one plus its token id.
_FIRST_CHARACTER = 0xF0000
_MARKS = frozenset("ˈˌː ʰʲᵊᵝ\u0303↓→↗↘")
_EMBEDDED = {symbol: chr(_FIRST_CHARACTER + token) for symbol, token in VOCABULARY.items() if symbol in SOUNDS | _MARKS}
_SYMBOLS = {ord(character): symbol for symbol, character in _EMBEDDED.items()}
# Replaces what people often write instead of a symbol. The dots and ties of dictionaries have no sound.
_LOOKALIKES = str.maketrans(
    {"g": "ɡ", "'": "ˈ", "’": "ˈ", ":": "ː", "ɝ": "ɜɹ", "ɫ": "l", ".": "", "\u0361": "", "\u035c": ""}
    | {unicodedata.normalize("NFC", f"{vowel}\u0303"): f"{vowel}\u0303" for vowel in "aeiou"}
)
# Frequent words recur, and the English plugin embeds nearly all words of a text.
MAX_REMEMBERED_WORDS = 2048
_LETTER_IN_NAME = re.compile(r"LATIN .*?LETTER (?:.* )?([A-Z])\b")

IPA_SPAN = re.compile(f"([{chr(_FIRST_CHARACTER)}-{chr(_FIRST_CHARACTER + max(VOCABULARY.values()))}]+)")
"""Matches embedded IPA. Its group makes `re.split` return the spans too."""
LITERAL_MARK = chr(_FIRST_CHARACTER)
"""Embedded IPA without sound. A lexicon leaves text between two of these unchanged and removes them."""


@lru_cache(MAX_REMEMBERED_WORDS)
def embed_ipa(ipa: str) -> str:
    """Return the characters that make a text say `ipa`.

    The symbols are those of Kokoro's vocabulary: IPA, and for English `A I O Q W Y ʤ ʧ ᵊ ᵻ T`. Raises `ValueError` for
    an unknown symbol and for IPA without sound.
    """
    symbols = ipa.translate(_LOOKALIKES)
    unknown = [symbol for symbol in dict.fromkeys(symbols) if symbol not in _EMBEDDED]
    if unknown:
        raise ValueError(
            f"unknown IPA symbol {', '.join(_describe_unknown(symbol) for symbol in unknown)};"
            f" remove it or write the nearest of {''.join(sorted(SOUNDS | _MARKS - {' '}))}"
        )
    if SOUNDS.isdisjoint(symbols):
        raise ValueError("has no sound; write the phonemes of a word, such as /kˈOkəɹO/")
    return "".join(_EMBEDDED[symbol] for symbol in symbols)


@lru_cache(MAX_REMEMBERED_WORDS)
def extract_ipa(span: str) -> str:
    """Return the IPA of an `IPA_SPAN`."""
    return "".join(_SYMBOLS.get(ord(character), "") for character in span)


def _describe_unknown(symbol: str) -> str:
    """Return the symbol, its code point, and the known symbol with the same letter if there is one."""
    found = _LETTER_IN_NAME.match(unicodedata.name(symbol, ""))
    nearest = found[1].lower().translate(_LOOKALIKES) if found else ""
    return f"{symbol!r} (U+{ord(symbol):04X}{f', perhaps {nearest}' if nearest in _EMBEDDED else ''})"
