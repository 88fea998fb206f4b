"""Defines what a language consists of: its words, from which `classes` make shared rules, and rules of its own.

To add a language, write a module in `languages/`, list it in `LANGUAGES` there, and add a column to `units.tsv`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from wyoming_kokoro_text.number_words import Gender, NumberWords
from wyoming_kokoro_text.rules import Example, Rule, parse_examples
from wyoming_kokoro_text.unit_names import UnitNames

DateOrder = Literal["dmy", "mdy", "ymd"]
"""The order of day, month and year in digits."""


@dataclass(frozen=True, slots=True)
class Currency:
    """The names of a currency and of its hundredth part."""

    singular: str
    plural: str
    cent_singular: str = ""
    cent_plural: str = ""


@dataclass(frozen=True, slots=True)
class ClockWords:
    """Templates for times of day. `{hour}` and `{minute}` become digits, or words where the language needs them."""

    full_hour: str
    with_minutes: str
    am: str
    pm: str
    irregular_hours: Mapping[int, str] = field(default_factory=dict)
    """Hours that are not pronounced as their number: one o'clock is `la una` in Spanish."""
    one_hour: str = ""
    """Replaces `full_hour` up to one o'clock, where the noun is singular."""
    hour_template: str = "{}"
    """The template of every other hour."""
    before: str = "(?!)"
    """A pattern for words before times of day."""
    dotted_after: str = "(?!)"
    """A pattern for words after which `17.30` is a time of day."""
    evening: tuple[int, str] = (12, "")
    """The hour from which another word stands for `pm`, and that word."""


@dataclass(frozen=True, slots=True)
class DateWords:
    """How a language writes dates in digits, and pronounces them.

    The patterns tell a date without a year from a fraction: `on 7/4` from `7/4`. They ignore case.
    """

    order: DateOrder
    months: str
    """Separated by spaces."""
    with_year: str
    """For example `{day} de {month} de {year}`."""
    without_year: str
    month_and_year: str
    range_to: str
    """Stands between two dates, with its spaces."""
    first_of_month: str = "1"
    before: str = "(?!)"
    """Words before dates, and seldom before fractions."""
    often_before: str = "(?!)"
    """Words before dates, and also before fractions such as `3/4`."""
    joined_by: str = "(?!)"
    """Words between two dates: `between 6/1 and 6/5`."""
    after: str = "(?!)"
    """What follows dates, but not fractions."""
    counted: str = "(?!)"
    """What follows a count such as `9/15 right`, which would otherwise be a date because no fraction has a name."""


@dataclass(frozen=True, slots=True)
class SlashWords:
    """What a language says for slashes between numbers and words."""

    slash: str
    all_day: str
    """For `24/7`."""
    over: str
    """Stands between the numbers of a blood pressure, with its spaces."""
    part_of: str
    """For `1/3` after a noun of `counted`, with `{part}` and `{whole}`."""
    counted: str
    """A pattern for nouns before a number and its maximum, such as `Step 1/3`. Ignores case."""
    pair: str = " "
    """Stands between the shares of `50/50`."""
    separator: str = ", "
    """Stands between the words of a list."""
    times: str = "(?!)"
    """A pattern for `times`, as in `3 times/day`."""
    per: str = ""
    """Joins `times` and a period: ` per {}`."""
    and_or: str = "(?!)"
    """`and/or`, which becomes two words."""
    pressure: str = "(?!)"
    """A pattern for a blood pressure in centimeters of mercury: `tension 12/8`."""


@dataclass(frozen=True, slots=True)
class RomanNumeralWords:
    """Where Roman numerals stand in one language. Words are separated by spaces, and those of a name by `_`."""

    rulers: Mapping[Gender, str]
    """The names of rulers and popes."""
    counted: Mapping[Gender, str]
    """Nouns after an ordinal: `II Guerra`."""
    numbered: str
    """A pattern for nouns before a cardinal number: `capítulo IV`."""
    parts: Mapping[Gender, str] = field(default_factory=dict)
    """Nouns before an ordinal: `capitolo IV`."""
    centuries: str = "(?!)"
    """A pattern for the noun before the number of a century."""
    joined_by: str = "(?!)"
    """A pattern for words between two centuries."""
    months: str = "(?!)"
    """A pattern for months after a day."""
    last_ordinal: int = 10
    """Larger numbers after a noun are cardinal."""
    plurals: frozenset[str] = frozenset()
    """Those of `counted` that are plural, in lower case."""


@dataclass(frozen=True, slots=True)
class AcronymWords:
    """How one language reads words in capitals. Words are separated by spaces."""

    words: str
    """Acronyms that are read as words."""
    spelled: str
    """Acronyms that are spelled although they can be read as words."""
    respelled: Mapping[str, str] = field(default_factory=dict)
    """Acronyms that phonemizers mispronounce."""
    letter_names: Mapping[str, str] = field(default_factory=dict)
    """Letters that phonemizers do not read by their names when they stand alone."""
    plural: str = ""
    """What people say at the end of a spelled plural."""
    reads_short_words: bool = False
    """Whether acronyms of two or three letters are words if they can be pronounced."""


@dataclass(frozen=True, slots=True)
class CodeWords:
    """What one language reads digit by digit."""

    plus: str
    """Stands before the code of a country."""
    telephones: tuple[str, ...]
    """Patterns for telephone numbers of countries that speak the language."""
    before: str
    """A pattern for nouns before a code of digits."""
    mixed_before: str
    """A pattern for nouns before a code of capitals and digits, such as a flight."""
    links: str
    """A pattern for what stands between the noun and the code: `es`."""
    counted: str
    """A pattern for nouns after a number, which is then no telephone number."""
    area: str = "(?!)"
    """A pattern for the first digits of a telephone number that are read as one number."""
    in_pairs: bool = False
    """Whether telephone numbers are read in pairs of digits."""
    ends_with_four: bool = False
    """Whether the last group of a telephone number has four digits."""


@dataclass(frozen=True, slots=True)
class LanguageWords:
    """The words of one language for units, money, times and symbols."""

    units: UnitNames
    currencies: Mapping[str, Currency]
    """By symbols and codes, separated by spaces: `$ USD`."""
    clock: ClockWords
    decimal_comma: bool = True
    """Whether decimals have a comma. Home Assistant writes a point in every language."""
    million_of: str = ""
    """Stands between millions in digits and a currency: `un millón de euros`."""
    cent_separator: str = " "
    """Stands between `5 dollars` and `50 cents`."""
    scales: Mapping[str, str] = field(default_factory=dict)
    """Between an amount and its currency: `million` or `M`, as written, and its `singular|plural` as spoken."""
    minus: str = "minus"
    before_minus: str = "(?!)"
    """A pattern for words after which a hyphen between spaces is a minus: `is at - 18 °C`."""
    plus: str = "plus"
    plus_or_minus: str = "plus or minus"
    about: str = "about"
    range_to: str = "to"
    """Stands between the ends of a range."""
    dimension_by: str = "by"
    """Stands between width and height."""
    multiplied_by: str = "times"
    divided_by: str = "divided by"
    equals: str = "equals"
    not_equal: str = "is not equal to"
    makes: str = "is|are|equals|makes"
    """A pattern for words between a sum and its result."""
    asks_for_sum: str = "(?!)"
    """A pattern for words before a sum."""
    squared: str = "squared"
    cubed: str = "cubed"
    power: str = "to the power of {}"
    square_root: str = "the square root of"
    less_than: str = "less than"
    more_than: str = "more than"
    at_least: str = "at least"
    at_most: str = "at most"
    out_of: str = "out of"
    """Stands between the numbers of a fraction without a name of its own."""
    over: str = "over"
    """Stands between the numbers of a fraction above one."""
    duration_and: str = " "
    """Stands before the last part of `1h 30m`, with its spaces."""
    before_duration: str = "(?!)"
    """A pattern for words after which `02:15:08` is no time of day."""
    after_duration: str = "(?!)"
    ago: str = "(?!)"
    """A pattern for words before a duration in the past."""
    before_days: str = "(?!)"
    """A pattern for words before `3d`."""
    version: str = "version"
    number: str = "number"
    and_: str = "and"
    or_: str = "or"
    at: str = "at"
    dot: str = "dot"
    point: str = "point"
    port: str = "port"
    numbers: NumberWords | None = None
    """None: phonemizers read digits."""
    acronyms: AcronymWords | None = None
    """None: they are left to the phonemizer."""
    codes: CodeWords | None = None
    """None: they are read like other numbers."""
    roman_numerals: RomanNumeralWords | None = None
    """None: they are not read."""
    fractions: Mapping[str, str] = field(default_factory=dict)
    """By `1/2`: the name alone, then the name after a whole number, as in `one half|and a half`."""

    def currency_by_symbol(self) -> Mapping[str, Currency]:
        """Return each currency by each of its symbols and codes."""
        return {symbol: currency for symbols, currency in self.currencies.items() for symbol in symbols.split()}


@dataclass(frozen=True, slots=True)
class AddressWords:
    """The words for signs in addresses, of a language without `LanguageWords`."""

    at: str
    dot: str
    point: str
    port: str
    version: str
    decimal_comma: bool = False


@dataclass(frozen=True)
class Language:
    """Everything that the filters know of a language."""

    code: str
    """A primary subtag, or `en-GB`: its rules come before those of `en`."""
    words: LanguageWords | None = None
    """None: the language has no shared rules."""
    dates: DateWords | None = None
    """None: the language has no dates of its own."""
    slashes: SlashWords | None = None
    """None: the language has no rules for slashes of its own."""
    addresses: AddressWords | None = None
    """None: `words` has them."""
    rules: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    """Rules of its own, by the name of their step."""
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """More examples, by the name of a step: of shared rules, and of text that stays unchanged."""

    def with_date_order(self, order: DateOrder) -> Language:
        """Return the language with another order of dates."""
        return replace(self, dates=replace(self.dates, order=order)) if self.dates else self

    def more_examples(self, step: str) -> tuple[Example, ...]:
        """Return the examples of `step` that belong to no single rule."""
        return tuple(parse_examples([(self.code, self.examples.get(step, ()))]))
