"""Rules for ranges, dimensions, and the signs before numbers."""

from __future__ import annotations

from collections.abc import Iterable

from wyoming_kokoro_text.classes.patterns import NUMBER
from wyoming_kokoro_text.language import LanguageWords
from wyoming_kokoro_text.rules import Rule

_NUMBER_BEGINS = r"(?<![\w.,–-])"
_SHORT_UNIT = r"(?:\s?(?:°[CF]?|%|[a-zA-Zμµ]{1,3}\b))?"
_SMALL_NUMBER = r"\d{1,3}(?:[.,]\d+)?"


def range_rules(words: LanguageWords) -> Iterable[Rule]:
    """Return the rules for ranges, dimensions, and the signs before numbers."""
    minus, plus, to = f"{words.minus} ", f"{words.plus} ", rf"\1 {words.range_to} "
    money = f"[{''.join(symbol for symbol in words.currency_by_symbol() if len(symbol) == 1)}]"
    return (
        Rule(
            r"(?<=\d)(?:[\u00a0\u202f](?=\d{3}(?!\d))| (?=000(?!\d)))",
            "",
            en="1 000 km => 1000 kilometers",
            fr="1 000 kWh et 8 µg/m³ => mille kilowatt-heures et huit microgrammes par mètre cube",
        ),
        Rule(
            r"[ºº˚]\s?(?=[CF]\b)|°\s(?=[CF]\b)",
            "°",
            en="21.5°C and 21º C => 21.5 degrees Celsius and 21 degrees Celsius",
        ),
        Rule("℃", "°C", fr="21 ℃ => vingt et un degrés Celsius"),
        Rule("℉", "°F", fr="70 ℉ => soixante-dix degrés Fahrenheit"),
        Rule(
            rf"({money})({NUMBER})\s?[–-]\s?(?:{money})?(?=\d)",
            rf"\2 {words.range_to} \1",
            en="$5-10 and $5–$10 => 5 to 10 dollars and 5 to 10 dollars",
        ),
        Rule(
            rf"{_NUMBER_BEGINS}({money}?{NUMBER}{_SHORT_UNIT})\s?–\s?(?=[-−+]?{money}?\d)",
            to,
            en=("18–21°C => 18 to 21 degrees Celsius", "10–20% chance => 10 to 20 percent chance"),
        ),
        Rule(
            rf"{_NUMBER_BEGINS}({NUMBER}{_SHORT_UNIT})\s[-−]\s(?={NUMBER}\s?[°%])",
            to,
            en="10 - 15 °C => 10 to 15 degrees Celsius",
        ),
        Rule(
            rf"{_NUMBER_BEGINS}({money}?{_SMALL_NUMBER}{_SHORT_UNIT})-(?={money}?{_SMALL_NUMBER}(?![\d-]))",
            to,
            es="10-20 °C y 5–10 % => diez a veinte grados Celsius y cinco a diez por ciento",
            en="5-10 °C => 5 to 10 degrees Celsius",
            fr="-3 °C, 10-15 °C => moins trois degrés Celsius, dix à quinze degrés Celsius",
            pt="10-15 °C => dez a quinze graus Celsius",
        ),
        Rule(rf"{_NUMBER_BEGINS}(\d{{4}})-(?=\d{{4}}(?![\d-]))", to, en="1990-1995 => 19 90 to 19 95"),
        Rule(
            rf"(?<![\w.)])[-−–](?={money}?[.,]?\d)",
            minus,
            en=("-5 °C => minus 5 degrees Celsius", "−5.5°C => minus 5.5 degrees Celsius"),
            it="-3 °C, 10-15 °C => meno tre gradi Celsius, dieci a quindici gradi Celsius",
            hi="5-10 °C, -3 °C और 12 km/h => 5 से 10 डिग्री सेल्सियस, माइनस 3 डिग्री सेल्सियस और 12 किलोमीटर प्रति घंटा",
        ),
        Rule(
            rf"(?<![\w.)])\+(?={money}?[.,]?\d)",
            plus,
            en="between -5 and +3 °C => between minus 5 and plus 3 degrees Celsius",
        ),
        Rule(r"±\s?(?=\d)", f"{words.plus_or_minus} ", en="±2 °C => plus or minus 2 degrees Celsius"),
        Rule(r"[~≈∼]\s?(?=\d)", f"{words.about} ", en="~5 minutes and ≈3 km => about 5 minutes and about 3 kilometers"),
        Rule(
            r"(?<=\d)\s?[×✕]\s?(?=\d)|(?<=\d)\s?x\s?(?=\d)",
            f" {words.dimension_by} ",
            es="≥5, 3 x 4, ~5 => al menos cinco, tres por cuatro, unos cinco",
            en="3 x 4 and 3 × 4 and 2x4 => 3 by 4 and 3 by 4 and 2 by 4",
        ),
        Rule(r"(?<![\w.,])\.(?=\d)", "0.", en=".5 and -.5 => 0.5 and minus 0.5"),
    )
