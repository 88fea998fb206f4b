"""How things are said in English.

espeak reads numbers, ordinals (`3rd`) and decimals by itself; what is around the numbers is for these rules.
"""

from __future__ import annotations

import re

from wyoming_kokoro_text.rules import rules
from wyoming_kokoro_text.units import PATTERN as UNIT
from wyoming_kokoro_text.units import spoken as unit

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

CURRENCIES = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "€": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "¥": ("yen", "yen", "sen", "sen"),
    "₹": ("rupee", "rupees", "paisa", "paise"),
}
"""Singular and plural of each currency and of its hundredth."""

_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_SCALE = "thousand|million|billion|trillion"
_SIGN = "[" + "".join(CURRENCIES) + "]"


def date(match: re.Match[str]) -> str:
    """Say an ISO date: `2026-01-03` is `January 3, 2026`."""
    year, month, day = match.groups()
    return f"{MONTHS[int(month) - 1]} {int(day)}, {year}"


def time(match: re.Match[str]) -> str:
    """Say a clock time: `6:31 PM` is `6 31 PM`, `18:00` is `18 hundred`, `6:05` is `6 oh 5`."""
    hour, minute, half = int(match[1]), int(match[2]), match[3]
    if minute == 0 and not half:
        return f"{hour} o'clock" if 1 <= hour <= 12 else f"{hour} hundred"
    minutes = f" oh {minute}" if 0 < minute < 10 else f" {minute}" if minute else ""
    return f"{hour}{minutes}{' ' + half[0].upper() + 'M' if half else ''}"


def money(match: re.Match[str]) -> str:
    """Say an amount: `$5.50` is `5 dollars and 50 cents`, `$3.5 million` is `3.5 million dollars`."""
    sign, amount, scale = match["sign"], match["amount"], match["scale"]
    one, many, cent, cents = CURRENCIES[sign]
    whole, _, fraction = amount.partition(".")
    if scale:
        return f"{amount} {scale} {many}"
    if len(fraction) != 2:
        return f"{amount} {one if amount == '1' else many}"
    parts = [f"{whole} {one if whole == '1' else many}"] if int(whole.replace(",", "")) else []
    if int(fraction):
        parts.append(f"{int(fraction)} {cent if int(fraction) == 1 else cents}")
    return " and ".join(parts) or f"0 {many}"


ABBREVIATIONS = rules(
    (r"\bMr\.", "Mister"),
    (r"\bMrs\.", "Missus"),
    (r"\bMs\.", "Miz"),
    (r"\bDr\.(?=\s+[A-Z])", "Doctor"),
    (r"\bProf\.", "Professor"),
    (r"\bSt\.(?=\s+[A-Z])", "Saint"),
    (r"\bSt\.", "Street"),
    (r"\bAve\.", "Avenue"),
    (r"\bJr\.", "Junior"),
    (r"\bSr\.", "Senior"),
    (r"\b[Ee]\.g\.,?", "for example,"),
    (r"\b[Ii]\.e\.,?", "that is,"),
    (r"\betc\.(?=\s+[a-z])", "et cetera"),
    (r"\betc\.", "et cetera."),
    (r"\b(?:vs|VS)\.?(?=\s)", "versus"),
    (r"\bapprox\.", "approximately"),
    (r"\bNo\.\s?(?=\d)", "number "),
    (r"\b(a|p)\.\s?m\.(?=\s+[a-z\d])", r"\1m"),
    (r"\b(a|p)\.\s?m\.", r"\1m."),
    (r"\b((?:[A-Z]\.){2,})(?=\s+\S)", lambda match: " ".join(match[1].replace(".", ""))),
    (r"\b([A-Z])\.(?=\s+[A-Z])", r"\1"),
    (r"\bw/o\b", "without"),
    (r"(?<!\w)w/(?=\s?\w)", "with "),
)

ADDRESSES = rules(
    (r"\bhttps?://(?:www\.)?([^\s/]+)(?:/[^\s]*[\w/])?", r"\1"),
    (r"\bwww\.", ""),
    (r"(?<=\w)@(?=\w)", " at "),
    (r"\b(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\b", r"\1 dot \2 dot \3 dot \4"),
    (r"(?<=[a-z\d])\.(?=[a-z]{2,})", " dot "),
)

DATES = rules(
    (r"\b(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?:T(?=\d)|\b)", date),
)

TIMES = rules(
    (r"\b([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?\b(?:\s?([aApP])\.?[mM]\b)?(?![:\d])", time),
    (r"\b(1[0-2]|[1-9])\s?([aApP])[mM]\b", lambda match: f"{match[1]} {match[2].upper()}M"),
)

RANGES = rules(
    (rf"(?<![\w.–-])({_NUMBER}\s?(?:°[CF]?|%)?)\s?–\s?(?=[-−]?\d)", r"\1 to "),
    (r"(?<![\w.–-])(\d{1,3}(?:\.\d+)?\s?(?:°[CF]?|%)?)-(?=\d{1,3}(?:\.\d+)?(?![\d-]))", r"\1 to "),
    (r"(?<![\w.–-])(\d{4})-(?=\d{4}(?![\d-]))", r"\1 to "),
    (rf"(?<![\w.)])[-−–](?={_SIGN}?\.?\d)", "minus "),
    (rf"(?<![\w.)])\+(?={_SIGN}?\.?\d)", "plus "),
    (r"±\s?(?=\d)", "plus or minus "),
    (r"[~≈]\s?(?=\d)", "about "),
    (r"(?<=\d)\s?[×x]\s?(?=\d)", " by "),
)

MONEY = rules(
    (rf"(?P<sign>{_SIGN})\s?(?P<amount>{_NUMBER})(?:\s?(?P<scale>{_SCALE})\b)?", money),
    (rf"(?P<amount>{_NUMBER})\s?(?P<scale>)(?P<sign>{_SIGN})", money),
)

UNITS = rules(
    (rf"(?<![\w.,])(?P<number>{_NUMBER})(?P<unit>{UNIT})", unit),
    (r"°C\b", " degrees Celsius"),
    (r"°F\b", " degrees Fahrenheit"),
    (r"°", " degrees"),
)

SYMBOLS = rules(
    (r"\s?%", " percent"),
    (r"\s&\s", " and "),
    (r"#(?=\d)", "number "),
    (r"(?<=\d)\s\*\s(?=\d)", " times "),
    (r"(?<=\w)\s?=\s?(?=[\w-])", " equals "),
    (r"(?<=\d)\s\+\s(?=\d)", " plus "),
    (r"(?<=\d)\s[-−]\s(?=\d)", " minus "),
    (r"≥\s?|>=\s?", "at least "),
    (r"≤\s?|<=\s?", "at most "),
    (r"(?<=\d)½", " and a half"),
    (r"½", "one half"),
    (r"(?<=\d)¼", " and a quarter"),
    (r"¼", "a quarter"),
    (r"(?<=\d)¾", " and three quarters"),
    (r"¾", "three quarters"),
    (r"\b24/7\b", "24 7"),
    (r"\band/or\b", "and or"),
    (r"(?<=[A-Za-z]{2})/(?=[A-Za-z]{2})", " or "),
    (r"\bCO[2₂]", "C O 2"),
    (r"\bPM2\.5\b", "PM 2.5"),
    (r"\bWi-?Fi\b", "Wi-Fi"),
)
