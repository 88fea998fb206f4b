"""How things are said in English, besides what is written in signs: abbreviations, dates, times, names."""

from __future__ import annotations

import re

from wyoming_kokoro_text import notation
from wyoming_kokoro_text.english_numbers import ordinal, year
from wyoming_kokoro_text.languages.english import MONTHS, WORDS
from wyoming_kokoro_text.notation import spell
from wyoming_kokoro_text.rules import Rules, rules

_MONTH = "|".join(f"{month}|{month[:3]}" for month in MONTHS) + "|Sept"
_DAY = r"(0?[1-9]|[12]\d|3[01])"
_WEEKDAYS = {"Mon": "Monday", "Tue": "Tuesday", "Tues": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday"} | {
    "Thur": "Thursday", "Thurs": "Thursday", "Fri": "Friday", "Sat": "Saturday", "Sun": "Sunday",
}  # fmt: skip


def time(match: re.Match[str]) -> str:
    """Say a time of day: `6:31 PM` is `6 31 PM`, `18:00` is `18 hundred`, `6:05` is `6 oh 5`, `0:00` is `midnight`."""
    hour, minute, second, half = int(match[1]), int(match[2]), match[3], match[4]
    seconds = f" and {int(second)} seconds" if second and int(second) else ""
    if minute == 0 and not half:
        full = "midnight" if hour == 0 else f"{hour} o'clock" if hour <= 12 else f"{hour} hundred"
        return full + seconds
    minutes = f" oh {minute}" if 0 < minute < 10 else f" {minute}" if minute else ""
    return f"{hour}{minutes}{f' {half.upper()}M' if half else ''}{seconds}"


def month(name: str) -> str:
    """Return the full name of a month."""
    return next(full for full in MONTHS if full.startswith(name[:3]))


def slashed(match: re.Match[str]) -> str:
    """Say `1/3/2026` without knowing which is the day; `1/25/2026` tells."""
    first, second = int(match[1]), int(match[2])
    if first <= 12 < second:
        return f"{MONTHS[first - 1]} {ordinal(second)}, {year(match[3])}"
    if second <= 12 < first:
        return f"{MONTHS[second - 1]} {ordinal(first)}, {year(match[3])}"
    return f"{first} {second} {year(match[3])}"


ABBREVIATIONS = rules(
    (r"\bMr\.", "Mister"),
    (r"\bMrs\.", "Missus"),
    (r"\bMs\.", "Miz"),
    (r"\bDr\.(?=\s+[A-Z])", "Doctor"),
    (r"\bProf\.", "Professor"),
    (r"\bSt\.(?=\s+[A-Z])", "Saint"),
    (r"\bSt\.", "Street"),
    (r"\bAve\.", "Avenue"),
    (r"\bBlvd\.", "Boulevard"),
    (r"\bRd\.", "Road"),
    (r"\bMt\.(?=\s+[A-Z])", "Mount"),
    (r"\bJr\.", "Junior"),
    (r"\bSr\.", "Senior"),
    (r"\bGov\.", "Governor"),
    (r"\bSgt\.", "Sergeant"),
    (r"\bCapt\.", "Captain"),
    (r"\bLt\.", "Lieutenant"),
    (r"\bDept\.", "Department"),
    (r"\bInc\.", "Incorporated"),
    (r"\bLtd\.", "Limited"),
    (r"\bCorp\.", "Corporation"),
    (r"\b[Ee]\.g\.,?", "for example,"),
    (r"\b[Ii]\.e\.,?", "that is,"),
    (r"\betc\.(?=,?\s+[a-z]|,)", "et cetera"),
    (r"\betc\.", "et cetera."),
    (r"\b(?:vs|VS)\.?(?=\s)", "versus"),
    (r"\b[Aa]pprox\.", "approximately"),
    (r"\b[Ee]st\.(?=\s+\d)", "established"),
    (r"\b[Mm]ax\.", "maximum"),
    (r"\b[Mm]in\.(?=\s+\d)", "minimum"),
    (r"\b[Tt]emp\.", "temperature"),
    (r"\b[Vv]ol\.(?=\s?\d)", "volume"),
    (r"\b[Ff]igs?\.(?=\s?\d)", "figure"),
    (r"\bpp\.\s?(?=\d)", "pages "),
    (r"\bp\.\s?(?=\d)", "page "),
    (r"\bNo\.\s?(?=\d)", "number "),
    (r"\b(a|p)\.\s?m\.(?=,|\s+[a-z\d(])", r"\1m"),
    (r"\b(a|p)\.\s?m\.", r"\1m."),
    (r"\bPh\.?D\.?", "P H D"),
    (r"\b((?:[A-Z]\.){2,})(?=,|\s+\S)", lambda match: spell(match[1].replace(".", ""))),
    (r"\b((?:[A-Z]\.){2,})$", lambda match: spell(match[1].replace(".", "")) + "."),
    (r"\b([A-Z])\.(?=\s+[A-Z])", r"\1"),
    (r"\bw/o\b", "without"),
    (r"(?<!\w)w/(?=\s?\w)", "with "),
    (r"\b24/7\b", "24 7"),
    (r"\band/or\b", "and or"),
    (r"\b[Aa]/[Cc]\b", "AC"),
    (r"\b[Nn]/[Aa]\b", "not available"),
    (r"(?<=\d) in\.(?=\s+[a-z])", " inches"),
)

DATES = Rules(
    (
        *notation.dates(WORDS).table,
        (r"\b([1-9]|1\d|2\d|3[01])/([1-9]|1\d|2\d|3[01])/((?:19|20)\d\d)\b", slashed),
        (rf"\b({'|'.join(_WEEKDAYS)})\b\.?(?=\s+(?:\d|(?:{_MONTH})\b))", lambda match: _WEEKDAYS[match[1]]),
        (
            r"\b(Mon|Tues?|Wed|Thu(?:rs?)?|Fri|(?<!\b[Tt]he )(?:Sat|Sun))(?:\.(?=,|\s+[a-z])|(?=,|\.$))",
            lambda match: _WEEKDAYS[match[1]],
        ),
        (
            rf"\b({_MONTH})\.?\s+{_DAY}(?:st|nd|rd|th)?\b(?![:.]\d|,\d|\s?[ap]\.?m\b|\s?(?:%|°))",
            lambda match: f"{month(match[1])} {ordinal(int(match[2]))}",
        ),
        (
            rf"\b{_DAY}(?:st|nd|rd|th)?\s+({_MONTH})\b\.?(?!\s+(?:be|have|I|you|we|they|not|also)\b)",
            lambda match: f"{ordinal(int(match[1]))} of {month(match[2])}",
        ),
        (rf"\b({_MONTH})\.?(?=\s+(?:1\d|20)\d\d\b)", lambda match: month(match[1])),
    )
)

TIMES = rules(
    (r"(?<![\d:.])(\d{1,2}(?::\d\d)?)\s?[–-]\s?(?=\d{1,2}(?::\d\d)?\s?[aApP]\.?[mM]\b)", r"\1 to "),
    (r"(?<![\d:.])(\d{1,2}:\d\d(?:\s?[aApP][mM])?)\s?[–-]\s?(?=\d{1,2}:\d\d)", r"\1 to "),
    (r"(?<![\d:.,])([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?(?:\s?([aApP])\.?[mM]\b|(?![:\w]))", time),
    (r"\b(1[0-2]|0?[1-9])\s?([aApP])[mM]\b", lambda match: f"{int(match[1])} {match[2].upper()}M"),
)
