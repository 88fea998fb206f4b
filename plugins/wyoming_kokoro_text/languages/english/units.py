"""English rules for units of measure that are written in several words, with hyphens or with signs."""

from __future__ import annotations

import re

from wyoming_kokoro_text.languages.english.words import WORDS
from wyoming_kokoro_text.rules import Rule

_HYPHENATED = "A|cm|ft|g|gal|GB|gb|hr|kg|km|kW|kWh|L|l|lb|m|MB|mi|min|mL|ml|mm|mph|MPH|oz|pt|qt|sec|sqft|TB|V|W|yd|yr"
_QUOTES = re.compile(r"(?<!\d)[\"“”]")
_NO_NOUN = r"\s(?:and|by|deep|diagonal|high|in|is|long|of|or|tall|thick|wide|x)\b"


def _verbalize_hyphenated(match: re.Match[str]) -> str:
    return f"{match[1]} {WORDS.units.by_symbol[match[2]].singular}"


def _verbalize_inches(match: re.Match[str]) -> str:
    """Return inches for `65"`, unless the sign closes a quotation."""
    if len(_QUOTES.findall(match.string, max(0, match.start() - 200), match.start())) % 2:
        return match[0]
    return f"{match[1]} {'inches' if match['noun'] is None else 'inch'}"


_TENS = {"10": "tens", "100": "hundreds", "1000": "thousands"}

MONEY = (
    Rule(
        r"\$(10{1,3})s\b",
        lambda match: f"{_TENS[match[1]]} of dollars",
        en="save $10s or $100s => save tens of dollars or hundreds of dollars",
    ),
    Rule(r"(?<![\w.,])(\d{1,3}(?:\.\d{1,2})?) ?ct(?=/kWh\b)", r"\1¢", en="12 ct/kWh => 12 cents per kilowatt hour"),
)
_FRACTION_UNITS = "tsp|tbsp|oz|lbs?|mi|pt|qt|gal|ft|in(?=[.,;]|$|\\s(?:of|thick|wide|long)\\b)"


def _verbalize_after_fraction(match: re.Match[str]) -> str:
    """Return `1/2 teaspoon`, but `1 1/2 teaspoons`."""
    name = WORDS.units.by_symbol[match["unit"]]
    return f"{match['whole'] or ''}{match['fraction']} {name.plural if match['whole'] else name.singular}"


UNITS = (
    Rule(
        rf"(?<![\w/.,])(?P<whole>\d{{1,3}}(?:\s(?=\d/)|\s?(?=[½⅓⅔¼¾⅛⅜⅝⅞])))?(?P<fraction>\d/\d{{1,2}}|[½⅓⅔¼¾⅛⅜⅝⅞])\s?(?P<unit>{_FRACTION_UNITS})\b\.?(?!\w)",
        _verbalize_after_fraction,
        en="1/2 tsp, 2 1/2 tsp, 1½ tbsp => one half teaspoon, 2 and a half teaspoons, 1 and a half tablespoons",
    ),
    Rule(r"(?<=\d[\"″”]) ?[x×] ?(?=\d)", " by ", en='4" x 6" => 4 inches by 6 inches'),
    Rule(
        r"(?<=\d)\s?sq\.?\s?(ft|mi|m|yd|in|km)\b",
        r" \1²",
        en="1200 sq ft and 5 sq. mi => 1200 square feet and 5 square miles",
    ),
    Rule(r"(?<=\d)\s?cu\.?\s?(ft|m|in)\b", r" \1³", en="5 cu ft => 5 cubic feet"),
    Rule(r"(?<=\d)\s?deg\b\.?(?:\s?([CF])\b)?", r"°\1", en="70 deg F or 21 deg => 70 degrees Fahrenheit or 21 degrees"),
    Rule(r"(?<=\d)\s?fl\s?oz\b", " floz", en="12 fl oz => 12 fluid ounces"),
    Rule(r"\b((?:9\d|10[0-5])\d(?:\.\d)?)\s?mb\b", r"\1 mbar", en="1013 mb => 1013 millibars"),
    Rule(r"(?<=\d)\s?mb\b", " MB", en="100mb => 100 megabytes"),
    Rule(
        r"(?<=\d)m(?= (?:above|across|ahead|apart|away|below|deep|high|long|of|tall|thick|wide)\b)",
        " m",
        en="10m away => 10 meters away",
    ),
    Rule(
        r"(?<![\w.,])(\d)A(?=\s(?:adapter|breaker|charger|circuit|current|fuse|output|power|supply|USB)s?\b)",
        r"\1 A",
        en="a 2A fuse => a 2 amp fuse",
    ),
    Rule(
        rf"\b(\d{{1,4}})-({_HYPHENATED}|in)\.?(?=\s[a-z])",
        _verbalize_hyphenated,
        en=(
            "a 6-ft ladder, a 60-W bulb and 5-lb bags => a 6 foot ladder, a 60 watt bulb and 5 pound bags",
            "a 30-min. walk, a 2-hr. delay and 12-oz. cans => a 30 minute walk, a 2 hour delay and 12 ounce cans",
        ),
    ),
    Rule(
        rf"(?<![\w.,'’′])(\d{{1,3}}(?:\.\d{{1,2}})?)[\"″”](?P<noun>(?!{_NO_NOUN})(?=\s[A-Za-z]))?(?![\w\"])",
        _verbalize_inches,
        en='the 65" TV is 57" wide => the 65 inch TV is 57 inches wide',
    ),
)
