"""Tables of rules: one rule, one line."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

Replacement = str | Callable[[re.Match[str]], str]


@dataclass(frozen=True)
class Rules:
    """Substitutions that are made one after the other; compiled when a text first needs them."""

    table: tuple[tuple[str, Replacement], ...]

    def __call__(self, text: str) -> str:
        """Return `text` with every rule applied."""
        for pattern, replacement in self._compiled:
            text = pattern.sub(replacement, text)
        return text

    @cached_property
    def _compiled(self) -> tuple[tuple[re.Pattern[str], Replacement], ...]:
        return tuple((re.compile(pattern, re.MULTILINE), replacement) for pattern, replacement in self.table)


@dataclass(frozen=True)
class Deferred:
    """Rules that are made when a text first needs them: most houses speak one language."""

    make: Callable[[], Rules]

    def __call__(self, text: str) -> str:
        """Return `text` with every rule applied."""
        return self._rules(text)

    @cached_property
    def _rules(self) -> Rules:
        return self.make()


def rules(*table: tuple[str, Replacement]) -> Rules:
    """Return the rules of `table`: a regular expression and what replaces it, in the order of use."""
    return Rules(table)
