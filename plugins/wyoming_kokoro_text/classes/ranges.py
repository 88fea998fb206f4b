"""Rules for ranges, dimensions, and the signs before numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from wyoming_kokoro_text.classes.patterns import NUMBER
from wyoming_kokoro_text.language import LanguageWords
from wyoming_kokoro_text.rules import Rule

_NUMBER_BEGINS = r"(?<![\w.,–-])"
_SHORT_UNIT = r"(?:\s?(?:°[CF]?|%|[a-zA-Zμµ]{1,3}\b))?"
_TERM = r"(?P<first>\d{1,6})"
_SMALL_NUMBER = r"\d{1,3}(?:[.,]\d+)?"


def range_rules(words: LanguageWords) -> Iterable[Rule]:
    """Return the rules for ranges, dimensions, and the signs before numbers."""
    spell_signs = _sign_speller(words)

    def spell_sum(match: re.Match[str]) -> str:
        return spell_signs(match[0])

    minus, plus, to = f"{words.minus} ", f"{words.plus} ", rf"\1 {words.range_to} "
    money = r"(?:[A-Z]{0,2}[$€£¥₹₩₽]\s?)"
    return (
        Rule(
            rf"{_NUMBER_BEGINS}\(?{NUMBER}(?:\s?[-+*/:x×·÷−–]\s?\(?{NUMBER}\)?){{1,9}}(?=\s?=)",
            spell_sum,
            en=(
                "5-3 = 2, 12/4=3 and 3x4=12 => 5 minus 3 equals 2, 12 divided by 4 equals 3 and 3 times 4 equals 12",
                "(3 + 4) × 2 = 14 => (3 plus 4) times 2 equals 14",
            ),
            es="5-3 = 2 y 3×4=12 => cinco menos tres igual a dos y tres por cuatro igual a doce",
            hi="7+5=12 => सात प्लस पांच बराबर बारह",
        ),
        # The result tells a sum from a score, a fraction or a size.
        Rule(
            rf"{_NUMBER_BEGINS}{_TERM}\s?(?P<sign>[-*/x×÷−–])\s?{_TERM.replace('first', 'second')}"
            rf"(?=\s(?:{words.makes})\s(?P<result>[-−]?\d{{1,9}})(?![\w.,:/-]*\d))",
            lambda match: spell_sum(match) if _is_right(match) else match[0],
            en="7-4 is 3, 3x4 is 12, 9-6 is fair => 7 minus 4 is 3, 3 times 4 is 12, 9 to 6 is fair",
            es="7-4 son 3 => siete menos cuatro son tres",
            fr="12/4 font 3 => douze divisé par quatre font trois",
            it="7-4 fa 3 => sette meno quattro fa tre",
            pt="7-4 é 3 => sete menos quatro é três",
        ),
        Rule(
            rf"(?<!\w)(?P<asked>(?:{words.asks_for_sum})\s)(?P<sum>\d{{1,6}}\s?[-x×−–]\s?\d{{1,6}})(?=\s?(?:[?!.]|$))",
            lambda match: match["asked"] + spell_signs(match["sum"]),
            en="What is 9-6? => What is 9 minus 6?",
            es="¿Cuánto es 9-6? => ¿Cuánto es nueve menos seis?",
            fr="Combien font 9-6 ? => Combien font neuf moins six?",
            it="Quanto fa 9-6? => Quanto fa nove meno sei?",
            pt="Quanto é 9-6? => Quanto é nove menos seis?",
        ),
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
            rf"(?<!\w)({money})({NUMBER})\s?[–-]\s?{money}?(?=\d)",
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
            rf"{_NUMBER_BEGINS}((?:19|20)(\d\d))-(\d\d)(?![\w-]|[.,]\d)",
            lambda match: f"{match[1]} {words.range_to} {match[3]}" if match[2] < match[3] else match[0],
            es="la temporada 2011-12 => la temporada dos mil once a doce",
        ),
        # After other words, a hyphen between spaces is a dash: `Kitchen - 21 °C`.
        Rule(
            rf"(\b(?:{words.before_minus})|:) [-−–] (?={money}?\d)",
            rf"\1 {minus}",
            en="The freezer is at - 18 °C. => The freezer is at minus 18 degrees Celsius.",
            es="El congelador está a - 18 °C => El congelador está a menos dieciocho grados Celsius",
            fr="Il fait - 5 °C => Il fait moins cinq degrés Celsius",
            it="Il freezer è a - 18 °C => Il freezer è a meno diciotto gradi Celsius",
            pt="O freezer está a - 18 °C => O freezer está a menos dezoito graus Celsius",
        ),
        Rule(
            r"(?<!\w)([A-Z]{0,2}[$€£¥₹₩₽])\s?[-−](?=\d)",
            rf"{minus}\1",
            en="a balance of $-20 => a balance of minus 20 dollars",
            pt="R$ -20 => menos vinte reais",
        ),
        Rule(
            rf"(?<![\w.)^])[-−–](?={money}?[.,]?\d)",
            minus,
            en=("-5 °C => minus 5 degrees Celsius", "−5.5°C => minus 5.5 degrees Celsius"),
            pt="-R$ 20 => menos vinte reais",
            it="-3 °C, 10-15 °C => meno tre gradi Celsius, dieci a quindici gradi Celsius",
            hi="5-10 °C, -3 °C और 12 km/h => पांच से दस डिग्री सेल्सियस, माइनस तीन डिग्री सेल्सियस और बारह किलोमीटर प्रति घंटा",
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


def _is_right(match: re.Match[str]) -> bool:
    """Return whether the result of the sum is the number that follows."""
    first, second, result = (int(match[name].replace("−", "-")) for name in ("first", "second", "result"))
    if match["sign"] in "/÷":
        return first == second * result
    return result == (first - second if match["sign"] in "-−–" else first * second)


def _sign_speller(words: LanguageWords) -> Callable[[str], str]:
    """Return a function that writes out the signs of a sum."""
    names = dict.fromkeys("-−–", words.minus) | dict.fromkeys("*x×·", words.multiplied_by)
    names |= {"+": words.plus, "/": words.divided_by, ":": words.divided_by, "÷": words.divided_by}

    def spell(text: str) -> str:
        # The slashes of `3/4 + 1/4` make fractions.
        slash = "" if re.search(r"\d/.*[+×*]|[+×*].*\d/", text) else "/"
        return re.sub(rf"\s?([-+*:x×·÷−–{slash}])\s?", lambda sign: f" {names[sign[1]]} ", text)

    return spell
