"""Rules for units of measure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wyoming_kokoro_text.classes.patterns import NUMBER, PLACES, Replace, group_thousands, text_before
from wyoming_kokoro_text.language import LanguageWords
from wyoming_kokoro_text.rules import Rule
from wyoming_kokoro_text.unit_names import UNIT_PATTERN

# After `in` and `st`, which are words too.
_ENDS_CLAUSE = re.compile(r"\s(?:of|tall|long|wide|deep|high|thick|by|x|more|less)\b|\s\d{1,2}\s?(?:lbs?|oz)\b|-(?=\w)")

_MAX_QUOTATION = 200


def unit_rules(words: LanguageWords) -> Iterable[Rule]:
    """Return the rules for units after numbers, and for units that cannot be anything else."""
    number = (
        rf"(?:\b(?P<before>{words.units.article}|{PLACES})\s|(?<![\w.,])(?<![A-Za-z]-)(?<![A-Za-z]\d-))"
        rf"(?P<number>{NUMBER})(?P<space>\s?)"
    )
    return (
        Rule(
            r"(?<![\w.,])(\d{1,2}(?:[.,]\d{1,2})?)\sUV index\b",
            r"índice UV \1",
            languages="es pt",
            es="5 UV index => índice u uve cinco",
        ),
        Rule(
            r"(?<![\w.,])(\d{1,2}(?:[.,]\d{1,2})?)\sUV index\b",
            r"indice UV \1",
            languages="fr it",
            fr="5 UV index => indice U V cinq",
        ),
        Rule(
            r"(?<![\w.,\"])(\d{1,3}(?:[.,]\d)?)\s?[\"″”](?=[\s.,;:)]|$)",
            lambda match: _verbalize_inches(words, match),
            languages="es fr it pt",
            es='una tele de 32" => una tele de treinta y dos pulgadas',
            fr='un écran de 27" => un écran de vingt-sept pouces',
            it='di 32" => di trentadue pollici',
            pt='"faltam 32" e 24" => "faltam trinta e dois" e vinte e quatro polegadas',
        ),
        Rule(
            r"(?<=\d)(\s?V[,⎓]?\s?)(\d{1,2})A(?!\w)",
            r"\1\2 A",
            en="5V/2A and 12V 1A => 5 volts, 2 amps and 12 volts 1 amp",
            es="5V/2A => cinco voltios, dos amperios",
        ),
        Rule(r"(?<=\d\d)\s?w\b(?![/.])", " W", en="200 w and 2 w => 200 watts and 2 weeks"),
        Rule(r"(?<=\d\s[Ll]/100) (?=km\b)", "", en="6.5 L/100 km => 6.5 liters per 100 kilometers"),
        Rule(r"\bfl\.\s?oz\b\.?", "floz", en="4 fl. oz. => 4 fluid ounces"),
        Rule(
            rf"{number}(?P<unit>{UNIT_PATTERN})(?![\w/²³]|['’]\w)"
            rf"(?:(?P<dot>\.(?=,|\s(?:[a-zà-ÿ]|\d+\s?(?:in|min|oz|sec?|s)\b)))|(?P<end>\s?(?:[.,;:!?)]|$)))?"
            rf"(?=(?P<noun>\s(?:{words.units.nouns})\b)?)",
            _unit_verbalizer(words),
            en=(
                "20 oz. steak in 5 min. please => 20 ounce steak in 5 minutes please",
                "a 12V battery, 8oz, 350g and 45s => a 12 volt battery, 8 ounces, 350 grams and 45 seconds",
                "a 16A fuse at seat 16A => a 16 amp fuse at seat 16 eh",
                "0.25 in of rain and 12 st 4 lb => 0.25 inches of rain and 12 stone 4 pounds",
                "60 kph and 6.5 L/100km => 60 kilometers per hour and 6.5 liters per 100 kilometers",
                "1234567 Wh => 1,234,567 watt hours",
                "5 °C – 10 °C => 5 degrees Celsius to 10 degrees Celsius",
                "in 1500 W => in 15 hundred watts",
                "It is 21.5 °C => It is 21.5 degrees Celsius",
                "47 °F and raining => 47 degrees Fahrenheit and raining",
                "1 °C => 1 degree Celsius",
                "turn it 90° => turn it 90 degrees",
                "Humidity is 45%. => Humidity is 45 percent.",
                "a 60W bulb and an 8 km run => a 60 watt bulb and an 8 kilometer run",
                "1,013.2 hPa => 1,013.2 hectopascals",
                "Rain: 2.5 mm, wind: 15 kt => Rain: 2.5 millimeters, wind: 15 knots",
                "5 kWh/day and 5 mg/L => 5 kilowatt hours per day and 5 milligrams per liter",
                "25 m2 and 412 ug/m3 => 25 square meters and 412 micrograms per cubic meter",
                "8 µg/m³ and 8 μg/m³ => 8 micrograms per cubic meter and 8 micrograms per cubic meter",
            ),
            es="a 25 km/h y a 1 km => a veinticinco kilómetros por hora y a un kilómetro",
            it="a 25 km/h => a venticinque chilometri all'ora",
            pt="a 25 km/h => a vinte e cinco quilômetros por hora",
            fr="5 s et 5 s'il pleut => cinq secondes et cinq s'il pleut",
            hi=(
                "21.5 °C और धूप, 45 % => इक्कीस दशमलव पांच डिग्री सेल्सियस और धूप, पैंतालीस प्रतिशत",
                "1 h और 2 h => एक घंटा और दो घंटे",
            ),
        ),
        Rule(
            rf"(?<![\w/.])({UNIT_PATTERN})(?![\w/²³]|['’]\w)",
            lambda match: _name_alone(words, match),
            en=(
                "3 kWh, kWh per day and in km/h => 3 kilowatt hours, kilowatt hours per day and in kilometers per hour",
                "5 cents per kWh => 5 cents per kilowatt hour",
            ),
        ),
    )


def _name_alone(words: LanguageWords, match: re.Match[str]) -> str:
    name = words.units.find_alone(match[1])
    if not name:
        return match[0]
    is_after_per = match.string[: match.start()].endswith(f"{words.units.per.partition('{')[0].lstrip()}")
    return name.singular if is_after_per else name.plural


def _verbalize_inches(words: LanguageWords, match: re.Match[str]) -> str:
    """Return inches for `32"`, unless the sign closes a quotation."""
    before = text_before(match, _MAX_QUOTATION)
    if (before.count('"') + before.count("“")) % 2:
        return match[0]
    return words.units.name_after(match[1], "in")


def _unit_verbalizer(words: LanguageWords) -> Replace:
    places = re.compile(PLACES)

    def verbalize(match: re.Match[str]) -> str:
        before, number, space, symbol, dot, end, noun = match.group(
            "before", "number", "space", "unit", "dot", "end", "noun"
        )
        is_place = before is not None and places.fullmatch(before) is not None
        if is_place and not space and symbol.isupper():
            return match[0]
        followed = _ENDS_CLAUSE.match(match.string, match.end())
        ends_clause = bool(end or dot or noun or followed) or match.end() == len(match.string)
        name = words.units.find_after_number(number, symbol, has_space=bool(space), ends_clause=ends_clause)
        if not name:
            return match[0]
        number = number.removesuffix(".0")
        # An article takes the singular: `a 60 watt bulb`.
        is_before_noun = noun and not end
        is_singular = (before and not is_place) or is_before_noun or words.units.is_singular(number)
        if not words.decimal_comma:
            number = group_thousands(number)
        return f"{f'{before} ' if before else ''}{number} {name.singular if is_singular else name.plural}{end or ''}"

    return verbalize
