"""English rules for years, decades and large ordinals."""

from __future__ import annotations

import re

from wyoming_kokoro_text.languages.english.words import DATES
from wyoming_kokoro_text.rules import Rule

_DECADES = {
    "1": "tens", "2": "twenties", "3": "thirties", "4": "forties", "5": "fifties",
    "6": "sixties", "7": "seventies", "8": "eighties", "9": "nineties",
}  # fmt: skip
_MONTHS_AND_SEASONS = DATES.months.replace(" ", "|") + "|[Ss]pring|[Ss]ummer|[Aa]utumn|[Ff]all|[Ww]inter"
_YEAR = r"(?:1[1-9]\d\d|20\d\d)"
_NUMBER_ENDS = r"(?![\d.,:]*\d|\w|\s?[%°])"


def verbalize_year(digits: str) -> str:
    """Return a year in pairs of digits: `17 56`, `19 oh 5`, `20 26`, `18 hundred`; but `2006`."""
    century, rest = digits[:2], int(digits[2:])
    if digits[1] == "0" and rest < 10:
        return digits
    return f"{century} {'hundred' if rest == 0 else f'oh {rest}' if rest < 10 else rest}"


def ordinal(number: int) -> str:
    """Return `1st`, `2nd`, `11th`."""
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _verbalize_years(match: re.Match[str]) -> str:
    return re.sub(_YEAR, lambda year: verbalize_year(year[0]), match[0])


def _verbalize_decade(match: re.Match[str]) -> str:
    """Return `19 nineties` for `1990s`, `nineties` for `90s` and `19 hundreds` for `1900s`."""
    century, tens = match[1] or "", match[2]
    if tens != "0":
        return f"{century} {_DECADES[tens]}".lstrip()
    return f"{century[0]} thousands" if century[1:] == "0" else f"{century} hundreds"


NUMBERS = (
    Rule(
        r"\b(1[1-9]|20)(\d)0['’]?s\b",
        _verbalize_decade,
        en="a 4K film from the 1990s => a 4K film from the 19 nineties",
    ),
    Rule(
        r"(?:(?<=\bthe )|(?<=ies and )|(?<=ies or ))['’]?()([2-9])0['’]?s\b",
        _verbalize_decade,
        en="the 90s and the '80s => the nineties and the eighties",
    ),
    Rule(
        rf"\b{_YEAR} (?:to|and|until) {_YEAR}{_NUMBER_ENDS}",
        _verbalize_years,
        en="from 1990 to 2026 => from 19 90 to 20 26",
    ),
    Rule(
        rf"(?:(?<=(?:st|nd|rd|th),\s)|(?<=\d(?:st|nd|rd|th)\s)){_YEAR}{_NUMBER_ENDS}",
        _verbalize_years,
        en=(
            "Aug 12 1984 => August 12th 19 84",
            "It is January 3, 2026 => It is January 3rd, 20 26",
            "January 3rd, 2026 => January 3rd, 20 26",
        ),
    ),
    Rule(
        rf"\b(?:{_MONTHS_AND_SEASONS}) {_YEAR}{_NUMBER_ENDS}",
        _verbalize_years,
        en="since January 2026 and summer 1969 => since January 20 26 and summer 19 69",
    ),
    Rule(
        rf"\b(?:[Ii]n|[Ss]ince|[Uu]ntil|[Ff]rom|[Yy]ear|[Cc]irca|[Ee]stablished) {_YEAR}{_NUMBER_ENDS}",
        _verbalize_years,
        en=(
            "in 1756 and since 1905 => in 17 56 and since 19 oh 5",
            "born in 2006, in 2026 and in 1900 => born in 2006, in 20 26 and in 19 hundred",
        ),
    ),
    Rule(rf"(?<=\(){_YEAR}(?=\))", _verbalize_years, en="(1984) => (19 84)"),
    Rule(
        r"\b(\d+)(?:,?000)th\b",
        r"\1 thousandth",
        en="the 100th, 1000th and 21st => the 1 hundredth, 1 thousandth and 21st",
    ),
    Rule(r"\b(\d{1,2})00th\b", r"\1 hundredth", en="the 100th => the 1 hundredth"),
)
