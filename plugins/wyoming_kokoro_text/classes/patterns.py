"""Patterns and functions that the rules of several classes share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

PLACES = (
    "[Ss]eat|[Rr]ow|[Gg]ate|[Rr]oom|[Uu]nit|[Ff]lat|[Ss]uite|[Aa]pt\\.?|[Aa]partment|[Ee]xit|[Bb]uilding|[Tt]erminal|[Pp]latform"
    "|[Ll]evel|[Cc]lass|[Gg]rade|[Ss]ection|[Tt]rack|[Dd]oor|[Nn]umber|[Nn]o\\.|iPhone|[Aa]siento|[Pp]uerta|[Ss]iège|[Pp]lace|[Pp]orte"
    "|[Pp]osto|[Pp]orta|[Aa]ssento|[Pp]oltrona|[Aa]pto\\.?"
)
"""Words whose number may end in a letter: `seat 14C`, `iPhone 5C`."""

MAX_DIGITS_UNGROUPED = 6

Replace = Callable[[re.Match[str]], str]

NUMBER = r"(?:\d{1,2}(?:,\d\d){1,4},\d{3}|\d+(?:[,.]\d{3})*)(?:[.,]\d+)?"
"""A whole number or a decimal, with or without separators, also those of India: 1,00,000."""

FRACTIONS = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞⅒"
ROMAN_NUMERAL = r"(?=[IVX])(X{0,3}(?:I[XV]|V?I{0,3}))"
"""A Roman numeral up to 39, as one group."""
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


def parse_roman(numeral: str) -> int:
    """Return the number of a Roman numeral in capitals."""
    values = [_ROMAN_VALUES[letter] for letter in numeral]
    return sum(-value if value < after else value for value, after in zip(values, [*values[1:], 0], strict=True))


def text_before(match: re.Match[str], length: int) -> str:
    """Return up to `length` characters before `match`."""
    return match.string[max(0, match.start() - length) : match.start()]


def spell(letters: str) -> str:
    """Return `letters` separated by spaces, so that each is pronounced by its name."""
    return " ".join(letters)


def any_of(texts: Iterable[str]) -> str:
    """Return a pattern for any of `texts`; without texts it matches nothing."""
    return "|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True)) or "(?!)"


def group_thousands(digits: str) -> str:
    """Return a long number with separators, so that no later rule takes it for a code."""
    return f"{int(digits):,}" if digits.isdigit() and len(digits) > MAX_DIGITS_UNGROUPED else digits
