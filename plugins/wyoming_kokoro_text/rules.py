"""Tables of rules: one rule, one line."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

Replacement = str | Callable[[re.Match[str]], str]


@dataclass(frozen=True, slots=True)
class Rules:
    """Substitutions that are made one after the other."""

    table: tuple[tuple[re.Pattern[str], Replacement], ...]

    def __call__(self, text: str) -> str:
        """Return `text` with every rule applied."""
        for pattern, replacement in self.table:
            text = pattern.sub(replacement, text)
        return text


def rules(*table: tuple[str, Replacement]) -> Rules:
    """Return the rules of `table`: a regular expression and what replaces it, in the order of use."""
    return Rules(tuple((re.compile(pattern, re.MULTILINE), replacement) for pattern, replacement in table))
