"""Patterns and functions that the rules of several classes share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

Replace = Callable[[re.Match[str]], str]

NUMBER = r"(?:\d{1,2}(?:,\d\d){1,4},\d{3}|\d+(?:[,.]\d{3})*)(?:[.,]\d+)?"
"""A whole number or a decimal, with or without separators, also those of India: 1,00,000."""


def spell(letters: str) -> str:
    """Return `letters` separated by spaces, so that each is pronounced by its name."""
    return " ".join(letters)


def any_of(texts: Iterable[str]) -> str:
    """Return a pattern for any of `texts`; without texts it matches nothing."""
    return "|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True)) or "(?!)"
