"""Defines how a language spells out numbers: in words that agree with the noun that follows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from unicode_rbnf import RbnfEngine

Gender = Literal["masculine", "feminine"]

# Longer numbers are no quantities, so they are read digit by digit.
MAX_DIGITS = 15
# Digits, hours, minutes, percentages and years, each in two genders.
MAX_REMEMBERED_NUMBERS = 1024


@dataclass(frozen=True)
class NumberWords:
    """The numbers of one language, by the rules of CLDR, and the genders of nouns."""

    language: str
    point: str
    """The word for the sign before decimals."""
    nouns: Mapping[Gender, str] = field(default_factory=dict)
    """The singular of nouns, and of adjectives that stand before nouns, separated by spaces."""
    plurals: tuple[tuple[str, str], ...] = ()
    """Patterns for the ends of nouns, and their plurals. The first that matches counts."""
    endings: Mapping[Gender, str] | None = None
    """Patterns for nouns that are not listed."""
    other_words: frozenset[str] = frozenset()
    """Words that match `endings` and are no nouns."""
    feminine_before: frozenset[str] = frozenset()
    """Words that make the number after them feminine: `las 21` is a time of day."""
    between: str = "(?!)"
    """A pattern for words between a number and its noun: `21 o 22 horas`."""
    ordinals: Mapping[str, str] | None = None
    """Patterns for the end of ordinals in digits, by the name of CLDR's rules: `masculine`, `feminine`."""
    adjective: str = "masculine"
    """The name of CLDR's rules for masculine ordinals before a noun."""
    articles: str = "(?!)"
    """A pattern for the masculine articles after which `2°` before a noun is an ordinal."""
    agreeing: int | None = None
    """The only number that agrees with nouns; None: all that differ."""
    respellings: tuple[tuple[str, str], ...] = ()
    """Patterns in CLDR's words, which contain soft hyphens, and what phonemizers read better."""

    def find_gender(self, noun: str, *, is_one: bool) -> Gender | None:
        """Return the gender of `noun` after a number, or None if it is no noun that is known."""
        noun = noun.lower()
        if noun in self._genders:
            return self._genders[noun]
        if is_one or not self.endings or noun in self.other_words:
            return None
        return next((gender for gender, pattern in self.endings.items() if re.search(pattern, noun)), None)

    def spell_cardinal(self, number: int, gender: Gender | None = None) -> str:
        """Return `number` in words, as before a noun of `gender`."""
        is_alone = gender is None or self.agreeing not in (None, number)
        return self._spell(number, "numbering" if is_alone else f"cardinal-{gender}")

    def spell_ordinal(self, number: int, form: str) -> str:
        """Return the ordinal of `number`. `form` is a key of `ordinals`, or `adjective`."""
        return self._spell(number, f"ordinal-{form}")

    def spell_decimals(self, digits: str) -> str:
        """Return the digits after the point: leading zeros, then up to three digits as a number."""
        significant = digits.lstrip("0")
        groups = ["0"] * (len(digits) - len(significant))
        groups += [significant] if 0 < len(significant) <= 3 else list(significant)
        return " ".join(self.spell_cardinal(int(group)) for group in groups)

    def spell_digits(self, digits: str) -> str:
        """Return each of `digits` in words."""
        return " ".join(self.spell_cardinal(int(digit)) for digit in digits)

    @cached_property
    def _spell(self) -> Callable[[int, str], str]:
        """Remember words: CLDR's rules take 0.1 ms on one core, and texts repeat numbers."""
        return lru_cache(MAX_REMEMBERED_NUMBERS)(self._apply_rules)

    def _apply_rules(self, number: int, rules: str) -> str:
        from unicode_rbnf.engine import FormatOptions  # noqa: PLC0415 only languages in use need it

        rules = f"spellout-{rules}"
        options = FormatOptions.PRESERVE_SOFT_HYPENS
        text = self._engine.format_number(number, ruleset_names=[rules], options=options).text
        for pattern, replacement in self.respellings:
            text = re.sub(pattern, replacement, text)
        return text.replace("\u00ad", "")

    @cached_property
    def _engine(self) -> RbnfEngine:
        from unicode_rbnf import RbnfEngine  # noqa: PLC0415 reading the rules takes 5 ms

        return RbnfEngine.for_language(self.language)

    @cached_property
    def _genders(self) -> Mapping[str, Gender]:
        genders: dict[str, Gender] = {}
        for gender, nouns in self.nouns.items():
            for noun in nouns.split():
                genders[noun] = genders[self._pluralize(noun)] = gender
        return genders

    def _pluralize(self, noun: str) -> str:
        for pattern, replacement in self.plurals:
            plural, count = re.subn(pattern, replacement, noun, count=1)
            if count:
                return plural
        return noun
