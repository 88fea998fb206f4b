"""Patterns and functions that the rules of several classes share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

Replace = Callable[[re.Match[str]], str]

NUMBER = r"(?:\d{1,2}(?:,\d\d){1,4},\d{3}|\d+(?:[,.]\d{3})*)(?:[.,]\d+)?"
"""A whole number or a decimal, with or without separators, also those of India: 1,00,000."""

FRACTIONS = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞⅒"
ROMAN_NUMERAL = r"(?=[IVX])(X{0,3}(?:I[XV]|V?I{0,3}))"
"""A Roman numeral up to 39, as one group."""
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10}


def parse_roman(numeral: str) -> int:
    """Return the number that `ROMAN_NUMERAL` matched."""
    values = [_ROMAN_VALUES[letter] for letter in numeral]
    return sum(-value if value < after else value for value, after in zip(values, [*values[1:], 0], strict=True))


def spell(letters: str) -> str:
    """Return `letters` separated by spaces, so that each is pronounced by its name."""
    return " ".join(letters)


def any_of(texts: Iterable[str]) -> str:
    """Return a pattern for any of `texts`; without texts it matches nothing."""
    return "|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True)) or "(?!)"
