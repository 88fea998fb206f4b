"""Decides which words in capitals are words, and which are abbreviations that hibari spells."""

from __future__ import annotations

import re
from typing import Any

_CAPITALS = re.compile(r"\b(?:[A-Z]+['’][A-Z]{1,2}|[A-Z]{2,})\b")
# The dictionary has more words of two letters, such as "ha", but in capitals those are abbreviations.
_SHORT_WORDS = frozenset(["AN", "AT", "BY", "DO", "GO", "HI", "IF", "MY", "NO", "OF", "ON", "SO", "TO", "UP", "WE"])
# The dictionary has these both as a word and as an abbreviation; in capitals they are a word almost always.
_FUNCTION_WORDS = frozenset(["ACT", "ADD", "AH", "AS", "BE", "CAP", "DEW", "DIP", "HE", "IN", "IS", "ME", "OH", "OR"])
# These are a word only in a text that is all in capitals.
_WORDS_IN_SHOUTED_TEXT = frozenset(["AID", "AM", "IT", "RIP", "US", "WHO"])
# The text filters spell most of these, but not before a hyphen.
_ABBREVIATIONS = frozenset(["CO", "EMF", "ETA", "EV", "HA", "IR", "LED", "OTA", "PIR", "PSI", "UPS"])
# Shorter words with an ending are abbreviations such as "NAS" and "SOS", although "na" and "so" are words.
_MIN_LETTERS_WITH_ENDING = 4


def lower_words(text: str, lexicon: Any) -> str:
    """Return `text` with those words in lower case that are not abbreviations. `lexicon` is hibari's."""
    is_shouted = text.isupper() and len(_CAPITALS.findall(text)) > 1

    def lower(match: re.Match[str]) -> str:
        word = match[0]
        is_after_number = word == "AM" and text[: match.start()].rstrip()[-1:].isdigit()
        if is_after_number:
            return "eh M"
        if word in _ABBREVIATIONS:
            return " ".join(word)
        if is_shouted and word in _WORDS_IN_SHOUTED_TEXT:
            return word.lower()
        return word.lower() if _is_word(word.replace("’", "'"), lexicon) else word

    return _CAPITALS.sub(lower, text)


def _is_word(word: str, lexicon: Any) -> bool:
    if word in _FUNCTION_WORDS or len(word) == 2:
        return word in _FUNCTION_WORDS | _SHORT_WORDS
    lower = word.lower()
    if lexicon.golds.d.get(word) is not None:
        return False
    if lower in lexicon.golds:
        return True
    if len(word) < _MIN_LETTERS_WITH_ENDING:
        return False
    endings = (lexicon.stem_s, lexicon.stem_ed, lexicon.stem_ing)
    return lower in lexicon.silvers or any(add_ending(lower, "NN", None, None)[0] for add_ending in endings)
