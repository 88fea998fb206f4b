"""Rules for fractions and symbols."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from wyoming_kokoro_text.classes.patterns import FRACTIONS, Replace
from wyoming_kokoro_text.language import LanguageWords
from wyoming_kokoro_text.rules import Rule

_MAX_DENOMINATOR = 20
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def symbol_rules(words: LanguageWords) -> Iterable[Rule]:
    """Return the rules for fractions and all other symbols."""
    return (
        Rule(
            f"[{FRACTIONS}]",
            lambda match: " " + unicodedata.normalize("NFKC", match[0]).replace("⁄", "/"),
            it="3/7, ½, #3 e A & B => tre su sette, mezzo, numero tre e A e B",
            en="2½ cups and ½ cup and ⅓ => 2 and a half cups and one half cup and one third",
            es="½ litro y 2½ => medio litro y dos y medio",
            fr="½ et 2½ et 3/7 => un demi et deux et demi et trois sur sept",
        ),
        Rule(
            r"(?:(?<=\d)\s)?(?<![\w/.,])(\d{1,3}(?:[.,]\d)?)/(\d{1,3})(?![\w/])",
            _fraction_verbalizer(words),
            hi="#3, चाय & कॉफ़ी, ½ => नंबर तीन, चाय और कॉफ़ी, आधा",
            en=(
                "1/2 cup, 3/4 and 2 1/2 cups => one half cup, three quarters and 2 and a half cups",
                "3/7, 9/4 and 72/55 => 3 out of 7, 9 over 4 and 72, 55",
                "rated 4.5/5 and a 7/16 inch bolt => rated 4.5 out of 5 and a 7 sixteenths inch bolt",
            ),
            es="3/7 => tres de siete",
        ),
        Rule(
            r"\s?&\s?",
            f" {words.and_} ",
            pt="½, #3, A & B, eu@example.com => meio, número três, A e B, eu arroba example ponto com",
            en="salt & pepper, R&D => salt and pepper, R and D",
        ),
        Rule(r"[#№]\s?(?=\d)", f"{words.number} ", fr="fromage & vin, #3 => fromage et vin, numéro trois"),
        Rule(r"(?<!\w)#(?=\w)", "", en="option #2 and #kitchen => option number 2 and kitchen"),
        Rule(r"(?<=\d)\s\*\s(?=\d)", f" {words.multiplied_by} ", en="3 * 4 and 8 ÷ 2 => 3 times 4 and 8 divided by 2"),
        Rule(r"(?<=[\w)])\s?÷\s?(?=[\w(√])", f" {words.divided_by} ", es="8 ÷ 2 => ocho entre dos"),
        Rule(
            r"(?<=[\w)])(?:\^\(?([-−]?\d{1,3}|[a-z]\b)\)?|(⁻?[⁰¹²³⁴-⁹]{1,3}))(?!\w)",
            _power_verbalizer(words),
            en=(
                "10^6, 2^8 and x^2 => 10 to the power of 6, 2 to the power of 8 and x squared",
                "E = mc² => E equals mc squared",
            ),
            es="x² y 10³ => x al cuadrado y diez al cubo",
        ),
        Rule(r"√\s?(?=[\w(])", f"{words.square_root} ", en="√16 = 4 => the square root of 16 equals 4"),
        Rule(r"\s?≠\s?", f" {words.not_equal} ", en="2 ≠ 3 => 2 is not equal to 3"),
        Rule(r"(?<=[\w)])\s?=\s?(?=[\w(-])", f" {words.equals} ", en="x=5 => x equals 5"),
        Rule(
            r"(?<=\d)\s?\+\s?(?=\d)|(?<=[\w)])\s\+\s(?=[\w(])",
            f" {words.plus} ",
            en="What is 7+5? and x + 3 => What is 7 plus 5? and x plus 3",
        ),
        Rule(r"(?<=\d)\s[-−]\s(?=\d)", f" {words.minus} ", en="9 - 4 => 9 minus 4"),
        Rule(r"(?:≥|>=)\s?", f"{words.at_least} ", es="≥5 => al menos cinco"),
        Rule(r"(?:≤|<=)\s?", f"{words.at_most} ", en="≥5, <=3 => at least 5, at most 3"),
        Rule(r"<\s?(?=\d)", f"{words.less_than} ", en="<5 and > 3 => less than 5 and more than 3"),
        Rule(r">\s?(?=\d)", f"{words.more_than} ", es="son > 3 => son más de tres"),
        Rule(
            r"(?<=\d)\s?(?:[→➔➜➡]|->)\s?(?=\d)",
            f" {words.range_to} ",
            es="v2.5.2 y 21 → 19 => versión dos punto cinco punto dos y veintiuno a diecinueve",
            en="21 → 19 and a -> b => 21 to 19 and a, b",
        ),
        Rule(
            r"(?<=[^\W\d]{2})/(?=[^\W\d]{2})",
            f" {words.or_} ",
            es="sal & pimienta, #3, on/off => sal y pimienta, número tres, on o off",
            en="on/off => on or off",
        ),
        Rule(
            r"(?<=\d)\s/\s(?=\d)",
            f" {words.divided_by} ",
            en="12 / 4 is 3 => 12 divided by 4 is 3",
            es="12 / 4 => doce entre cuatro",
        ),
        Rule(r"\s/\s", ", ", en="on / off => on, off"),
    )


def _fraction_verbalizer(words: LanguageWords) -> Replace:
    def verbalize(match: re.Match[str]) -> str:
        alone, _, after_whole = words.fractions.get(f"{match[1]}/{match[2]}", "").partition("|")
        follows_whole = match[0][0].isspace()
        if alone:
            return f" {after_whole}" if follows_whole else alone
        space, part, whole = " " * follows_whole, match[1], int(match[2])
        if float(part.replace(",", ".")) <= whole:
            return f"{space}{part} {words.out_of} {whole}"
        # `72/55` is no fraction.
        return f"{space}{part} {words.over} {whole}" if whole <= _MAX_DENOMINATOR else f"{space}{part}, {whole}"

    return verbalize


def _power_verbalizer(words: LanguageWords) -> Replace:
    names = {"2": words.squared, "3": words.cubed}

    def verbalize(match: re.Match[str]) -> str:
        # A unit that no number precedes, and whose name is not known here.
        if match[2] and match.string[: match.start()][-2:].strip() == "m":
            return match[0]
        exponent = match[1] or match[2].translate(_RAISED)
        is_named = exponent in names and (match[2] or not match.string[match.start() - 1].isdigit())
        name = (
            names[exponent]
            if is_named
            else words.power.format(exponent.replace("−", "-").replace("-", f"{words.minus} "))
        )
        return f" {name}"

    return verbalize
