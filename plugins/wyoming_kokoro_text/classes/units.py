"""Rules for units of measure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wyoming_kokoro_text.classes.patterns import NUMBER, Replace
from wyoming_kokoro_text.language import LanguageWords
from wyoming_kokoro_text.rules import Rule
from wyoming_kokoro_text.unit_names import UNIT_PATTERN


def unit_rules(words: LanguageWords) -> Iterable[Rule]:
    """Return the rules for units after numbers, and for units that cannot be anything else."""
    number = rf"(?<![\w.,])(\b{words.units.article}\s)?({NUMBER})(\s?)"
    return (
        Rule(r"\bfl\.\s?oz\b\.?", "floz", en="4 fl. oz. => 4 fluid ounces"),
        Rule(
            rf"{number}({UNIT_PATTERN})(?![\w/²³]|['’]\w)(\s?(?:[.,;:!?)]|$))?",
            _unit_verbalizer(words),
            en=(
                "5 °C – 10 °C => 5 degrees Celsius to 10 degrees Celsius",
                "in 1500 W => in 15 hundred watts",
                "It is 21.5 °C => It is 21.5 degrees Celsius",
                "47 °F and raining => 47 degrees Fahrenheit and raining",
                "1 °C => 1 degree Celsius",
                "turn it 90° => turn it 90 degrees",
                "Humidity is 45%. => Humidity is 45 percent.",
                "a 60W bulb and an 8 km run => a 60 watt bulb and an 8 kilometer run",
                "1,013.2 hPa => 1,013.2 hectopascals",
                "5 kWh/day => 5 kilowatt hours per day",
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
            lambda match: words.units.find_alone(match[1]) or match[0],
            en="3 kWh, kWh per day and in km/h => 3 kilowatt hours, kilowatt hours per day and in kilometers per hour",
        ),
    )


def _unit_verbalizer(words: LanguageWords) -> Replace:
    singular = re.compile(words.units.singular_numbers)

    def verbalize(match: re.Match[str]) -> str:
        article, number, space, symbol, end = (part or "" for part in match.groups())
        ends_clause = bool(end) or match.end() == len(match.string)
        name = words.units.find_after_number(symbol, has_space=bool(space), ends_clause=ends_clause)
        if not name:
            return match[0]
        number = number.removesuffix(".0")
        # An article takes the singular: `a 60 watt bulb`.
        return f"{article}{number} {name.singular if article or singular.fullmatch(number) else name.plural}{end}"

    return verbalize
