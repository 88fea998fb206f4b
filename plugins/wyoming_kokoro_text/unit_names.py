"""Names units of measure in text.

`units.tsv` lists every unit with its names in every language, and says how to add one. If the symbol may also be a
word or a name, such as `in` or `A`, restrict it in `WITHOUT_SPACE` or `NEEDS_CLAUSE_END` as well.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

UNIT_PATTERN = r"[°%A-Za-zμµΩ](?:[\w°%⋅·²³₂]|/(?=[\w(])|(?<=/)\(h[⋅·]ft[²2]\)){0,24}"
"""Matches what looks like a unit. The table decides, because a pattern of all units takes long to compile."""

# `4K`, `1st`, `5G` and `14A` are not units, but `2700K`, `350g` and a `16A` fuse are.
_SEVERAL_DIGITS = r"\d{2,}|\d+[.,]\d+"
WITHOUT_SPACE = {
    "A": _SEVERAL_DIGITS, "g": _SEVERAL_DIGITS, "s": r"(?!\d0$)\d{2}|\d+[.,]\d+", "m": r"\d{3,}|\d+[.,]\d+",
    "K": r"[1-9]\d?\d00",
} | dict.fromkeys(("B", "ac", "d", "mo", "pt", "st", "var", "w", "y"), "(?!)")  # fmt: skip
"""Patterns for the numbers after which units may stand without a space. All other units may stand after any number."""

# `3 in` is a length, but `3 in the kitchen` is not.
NEEDS_CLAUSE_END = frozenset({"in", "st"})
"""Units that must stand at the end of a clause in every language."""

_ALTERNATIVE_CHARACTERS = (("μ", "µ"), ("³", "3"), ("²", "2"), ("⋅", "·"))
"""Characters of the table, and what is often written instead."""


class UnitName(NamedTuple):
    """The name of a unit after one and after other numbers."""

    singular: str
    plural: str


@dataclass(frozen=True)
class UnitNames:
    """The names of all units in one language."""

    language: str
    """A column of `units.tsv`."""
    per: str
    """Joins two units: ` per {}`, with the singular of the second."""
    singular_numbers: str = "1"
    """A pattern for the numbers that take the singular."""
    article: str = "(?!)"
    """A pattern for the article that takes the singular, whatever the number: `a 60 watt bulb` in English."""
    nouns: str = "(?!)"
    """A pattern for nouns that take the singular before them: `12 volt battery`."""
    ordinary_words: frozenset[str] = frozenset()
    """Symbols that are words of the language and therefore never units: `y` means `and` in Spanish."""
    needs_clause_end: frozenset[str] = NEEDS_CLAUSE_END
    """Symbols that are words of the language, and units only at the end of a clause."""

    @cached_property
    def by_symbol(self) -> Mapping[str, UnitName]:
        """Return the name of every unit that the language names, by each of its spellings."""
        names: dict[str, UnitName] = {}
        with Path(__file__).with_name("units.tsv").open(encoding="utf-8", newline="") as file:
            lines = (line for line in file if not line.startswith("#"))
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                # A line may also end before this column.
                singular, _, plural = (row[self.language] or "").partition("|")
                if not singular:
                    continue
                for unit in row["unit"].split():
                    names |= dict.fromkeys(_spellings(unit), UnitName(singular, plural or singular))
        return names

    def is_singular(self, number: str) -> bool:
        """Return whether `number` takes the singular."""
        return re.fullmatch(self.singular_numbers, number) is not None

    def name_after(self, number: str, symbol: str) -> str:
        """Return `number` and the name of the unit `symbol`: `5 minutes`."""
        name = self.by_symbol[symbol]
        return f"{number} {name.singular if self.is_singular(number) else name.plural}"

    def find_after_number(self, number: str, symbol: str, *, has_space: bool, ends_clause: bool) -> UnitName | None:
        """Return the name of the unit `symbol` after `number`, or None if it is not a unit there.

        `has_space`: a space separates it from the number; `ends_clause`: nothing follows in its clause.
        """
        if symbol in self.ordinary_words:
            return None
        if has_space and symbol in self.needs_clause_end and not ends_clause:
            return None
        if not has_space and symbol in WITHOUT_SPACE and not re.fullmatch(WITHOUT_SPACE[symbol], number):
            return None
        if symbol in self.by_symbol:
            return self.by_symbol[symbol]
        # A unit of the table per another unit or a whole word, such as `mg/L` and `kWh/day`.
        above, _, below = symbol.rpartition("/")
        if above not in self.by_symbol or not below.isalpha() or (below not in self.by_symbol and len(below) < 3):
            return None
        below_name = self.by_symbol[below].singular if below in self.by_symbol else below
        name, per = self.by_symbol[above], self.per.format(below_name)
        return UnitName(name.singular + per, name.plural + per)

    def find_alone(self, symbol: str) -> UnitName | None:
        """Return the name of a unit without a number, or None if it may be something else: `kWh`, but not `bar`."""
        if len(symbol) < 3 or symbol.isupper() or (symbol.isalpha() and symbol.islower()):
            return None
        return self.by_symbol.get(symbol)


def _spellings(unit: str) -> set[str]:
    """Return the spellings of `unit`: Unicode has two letters for micro, and not every keyboard has a raised 3."""
    found = {unit}
    for character, alternative in _ALTERNATIVE_CHARACTERS:
        found |= {spelling.replace(character, alternative) for spelling in found}
    return found | {spelling.replace("μ", "u") for spelling in found if "/" in spelling}
