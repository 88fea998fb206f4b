"""What a language must have words for, so that the rules of `signs` can say what is written in signs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from wyoming_kokoro_text.units import Units


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency and its hundredth."""

    one: str
    many: str
    cent: str = ""
    cents: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """How a time of day is said. `{hour}` and `{minute}` are numbers, or words where the language needs them."""

    full: str
    """The template of a full hour."""
    minutes: str
    """The template of any other time."""
    am: str
    pm: str
    hours: Mapping[int, str] = field(default_factory=dict)
    """Hours that are not said as the number is: one o'clock is `la una` in Spanish."""
    hour: str = "{}"
    """The template of all other hours."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a language for signs."""

    units: Units
    currencies: Mapping[str, Currency]
    months: tuple[str, ...]
    date: str
    """The template of a date: `{day} de {month} de {year}`."""
    clock: Clock
    first_day: str = "1"
    decimal_comma: bool = True
    """Whether decimals have a comma: Home Assistant writes a point in every language."""
    money_joint: str = " "
    """Between the amount of a currency and that of its hundredth."""
    scales: Mapping[str, str] = field(default_factory=dict)
    """What follows an amount of money before the currency: `million`."""
    minus: str = "minus"
    plus: str = "plus"
    plus_or_minus: str = "plus or minus"
    about: str = "about"
    range: str = "to"
    """Between the ends of a range."""
    by: str = "by"
    """Between width and height."""
    times: str = "times"
    divided: str = "divided by"
    equals: str = "equals"
    less: str = "less than"
    more: str = "more than"
    at_least: str = "at least"
    at_most: str = "at most"
    over: str = "out of"
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
