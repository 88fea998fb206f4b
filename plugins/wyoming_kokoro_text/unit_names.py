"""Names units of measure in text.

`units.tsv` lists every unit with its names in every language. To add a unit, add a line to that table, and raise
`PRONUNCIATION_REVISION`. A language whose cell is empty does not name the unit. If the symbol may also be a word or a
name, such as `in` or `A`, restrict it in `NEEDS_SPACE` or `NEEDS_CLAUSE_END` as well.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

UNIT_PATTERN = r"[°%A-Za-zμµΩ](?:[\w°%⋅·²³₂]|/(?=[\w(])|(?<=/)\(h[⋅·]ft[²2]\)){0,24}"
"""Matches what looks like a unit. The table decides, because a pattern of all units takes long to compile."""

# `5s`, `4K` and `1st` are not units.
NEEDS_SPACE = frozenset({
    "A", "B", "K", "L", "ac", "bar", "cal", "d", "g", "h", "ha", "in", "kn", "l", "lb", "lbs", "m", "mi", "min",
    "oz", "s", "st", "var", "w", "y", "yd", "ft", "atm", "thm",
})  # fmt: skip
"""Units that must stand after a space."""

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
                names |= dict.fromkeys(_spellings(row["unit"]), UnitName(singular, plural or singular))
        return names

    def find_after_number(self, symbol: str, *, has_space: bool, ends_clause: bool) -> UnitName | None:
        """Return the name of the unit `symbol` after a number, or None if it is not a unit there.

        `has_space`: a space separates it from the number; `ends_clause`: nothing follows in its clause.
        """
        if symbol in self.ordinary_words:
            return None
        if (symbol in NEEDS_SPACE and not has_space) or (symbol in self.needs_clause_end and not ends_clause):
            return None
        if symbol in self.by_symbol:
            return self.by_symbol[symbol]
        # A unit of the table per a whole word, such as `kWh/day`.
        above, _, below = symbol.rpartition("/")
        if above not in self.by_symbol or not below.isalpha() or len(below) < 3:
            return None
        name, per = self.by_symbol[above], self.per.format(below)
        return UnitName(name.singular + per, name.plural + per)

    def find_alone(self, symbol: str) -> str | None:
        """Return the plural of a unit without a number, or None if it may be something else: `kWh`, but not `bar`."""
        if len(symbol) < 3 or symbol.isupper() or (symbol.isalpha() and symbol.islower()):
            return None
        return self.by_symbol[symbol].plural if symbol in self.by_symbol else None


def _spellings(unit: str) -> set[str]:
    """Return the spellings of `unit`: Unicode has two letters for micro, and not every keyboard has a raised 3."""
    found = {unit}
    for character, alternative in _ALTERNATIVE_CHARACTERS:
        found |= {spelling.replace(character, alternative) for spelling in found}
    return found | {spelling.replace("μ", "u") for spelling in found if "/" in spelling}
