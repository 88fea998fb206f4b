"""Ordered tables of substitution rules."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property

Rule = tuple[str, str | Callable[[re.Match[str]], str]]
"""A regular expression, and its replacement as for `re.sub`."""


class Rules:
    """Applies substitution rules one after the other."""

    def __init__(self, *table: Rule) -> None:
        self.table = table

    def __call__(self, text: str) -> str:
        """Return `text` with every rule applied in order."""
        for pattern, replacement in self._compiled:
            text = pattern.sub(replacement, text)
        return text

    @cached_property
    def _compiled(self) -> list[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]]:
        # Compiling on first use keeps the start fast: most installations speak one language only.
        return [(re.compile(pattern, re.MULTILINE), replacement) for pattern, replacement in self.table]
