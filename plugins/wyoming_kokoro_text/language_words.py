"""What a language must have words for, so that the rules of `signs` can say what is written in signs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from wyoming_kokoro_text.units import UnitNames


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency and its hundredth."""

    one: str
    many: str
    cent: str = ""
    cents: str = ""


@dataclass(frozen=True, slots=True)
class ClockWords:
    """How a time of day is said. `{hour}` and `{minute}` are numbers, or words where the language needs them."""

    full_hour: str
    """The template of a full hour."""
    with_minutes: str
    """The template of any other time."""
    am: str
    pm: str
    irregular_hours: Mapping[int, str] = field(default_factory=dict)
    """Hours that are not said as the number is: one o'clock is `la una` in Spanish."""
    hour_template: str = "{}"
    """The template of all other hours."""


@dataclass(frozen=True, slots=True)
class LanguageWords:
    """The words of a language for signs."""

    units: UnitNames
    currencies: Mapping[str, Currency]
    months: tuple[str, ...]
    date_template: str
    """The template of a date: `{day} de {month} de {year}`."""
    clock: ClockWords
    first_of_month: str = "1"
    decimal_comma: bool = True
    """Whether decimals have a comma: Home Assistant writes a point in every language."""
    cent_separator: str = " "
    """Between the amount of a currency and that of its hundredth."""
    scales: Mapping[str, str] = field(default_factory=dict)
    """What follows an amount of money before the currency: `million`."""
    minus: str = "minus"
    plus: str = "plus"
    plus_or_minus: str = "plus or minus"
    about: str = "about"
    range_to: str = "to"
    """Between the ends of a range."""
    dimension_by: str = "by"
    """Between width and height."""
    multiplied_by: str = "times"
    divided_by: str = "divided by"
    equals: str = "equals"
    less_than: str = "less than"
    more_than: str = "more than"
    at_least: str = "at least"
    at_most: str = "at most"
    out_of: str = "out of"
    """Between the numbers of a fraction that has no name."""
    version: str = "version"
    number: str = "number"
    and_: str = "and"
    or_: str = "or"
    at: str = "at"
    dot: str = "dot"
    point: str = "point"
    port: str = "port"
    fractions: Mapping[str, str] = field(default_factory=dict)
    """By `1/2`: how it is said alone, and behind a whole number: `one half|and a half`."""
