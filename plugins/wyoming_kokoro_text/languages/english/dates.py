"""English rules for dates with the name of a month."""

from __future__ import annotations

import re

from wyoming_kokoro_text.classes.patterns import any_of
from wyoming_kokoro_text.languages.english.numbers import ordinal, verbalize_year
from wyoming_kokoro_text.languages.english.words import DATES as DATE_WORDS
from wyoming_kokoro_text.rules import Rule

_MONTH_NAMES = DATE_WORDS.months.split()
_MONTHS = "|".join(f"{month}|{month[:3]}" for month in _MONTH_NAMES) + "|Sept"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
WEEKDAYS = {"Mon": "Monday", "Tue": "Tuesday", "Tues": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday"} | {
    "Thur": "Thursday", "Thurs": "Thursday", "Fri": "Friday", "Sat": "Saturday", "Sun": "Sunday",
}  # fmt: skip

_WEEKDAY_NAMES = any_of((*WEEKDAYS, *dict.fromkeys(WEEKDAYS.values())))


def full_month(name: str) -> str:
    """Return the month that `name` abbreviates."""
    return next(month for month in _MONTH_NAMES if month.startswith(name[:3]))


def _month_and_day(match: re.Match[str]) -> str:
    """Return `January 3rd` for `Jan. 3`, and `January 3rd to 5th` for `Jan 3-5`."""
    last = f" to {ordinal(int(match[3]))}" if match[3] else ""
    return f"{full_month(match[1])} {ordinal(int(match[2]))}{last}"


def _verbalize_period(match: re.Match[str]) -> str:
    """Return `20 24 25` for `2024-25`, and `20 19 to 22` for `2019-22`. `2026-10` is a code."""
    first, last = int(match[1][2:]), int(match[2])
    joint = " to " if last > first + 1 else " "
    return f"{verbalize_year(match[1])}{joint}{f'oh {last}' if last < 10 else last}"


def _day_of_month(match: re.Match[str]) -> str:
    """Return `the 3rd of January` for `3 Jan`, but `3rd of January` after `the`."""
    day, month = ordinal(int(match["day"])), full_month(match["month"])
    last = f" to {ordinal(int(match['last']))}" if match["last"] else ""
    return f"{match['the'] or 'the '}{day}{last} of {month}"


DATES = (
    Rule(
        r"(?<![\w/.,-])((?:19|20)\d\d)[-–](\d\d)(?![\w/-]|[.,]\d)",
        _verbalize_period,
        en="the 2024-25 season, 2019-22 => the 20 24 25 season, 20 19 to 22",
    ),
    Rule(
        rf"\b({_WEEKDAY_NAMES})\.?\s?[-–]\s?({_WEEKDAY_NAMES})\b",
        lambda match: " to ".join(WEEKDAYS.get(day, day) for day in match.groups()),
        en="Mon–Fri and Saturday-Sunday => Monday to Friday and Saturday to Sunday",
    ),
    Rule(
        rf"\b({_MONTHS})\.?\s?[-–]\s?({_MONTHS})\b",
        lambda match: f"{full_month(match[1])} to {full_month(match[2])}",
        en="Jan–Mar and June - August => January to March and June to August",
    ),
    Rule(
        rf"\b((?:{_MONTHS})\.?\s{_DAY})(?:st|nd|rd|th)?\s?[-–]\s?(?=(?:{_MONTHS})\.?\s{_DAY}\b)",
        r"\1 to ",
        en="Oct. 30-Nov. 2, May 1 – June 3 => October 30th to November 2nd, May 1st to June 3rd",
    ),
    Rule(
        rf"\b({'|'.join(WEEKDAYS)})\b\.?(?=\s+(?:\d|(?:{_MONTHS})\b))",
        lambda match: WEEKDAYS[match[1]],
        en="Sat, Jan 4 and Mon 5 May => Saturday, January 4th and Monday the 5th of May",
    ),
    Rule(
        r"\b(Mon|Tues?|Wed|Thu(?:rs?)?|Fri|(?<!\b[Tt]he )(?:Sat|Sun))(?:\.(?=,|\s+[a-z])|(?=,|\.$))",
        lambda match: WEEKDAYS[match[1]],
        en="Mon, Wed., and Fri. => Monday, Wednesday, and Friday.",
    ),
    Rule(
        rf"\b({_MONTHS})\.?\s+({_DAY})(?:st|nd|rd|th)?(?:\s?[-–]\s?({_DAY}))?\b"
        r"(?![:.]\d|,\d|\s?[ap]\.?m\b|\s?(?:%|°))",
        _month_and_day,
        en=(
            "2026-11-26T17:35:34.123Z => November 26th, 20 26, 17 35",
            "Jan 3, 2026 and Jan. 5 => January 3rd, 20 26 and January 5th",
            "Jan 3-5 => January 3rd to 5th",
        ),
    ),
    Rule(
        rf"(?P<the>\b[Tt]he )?\b(?P<day>{_DAY})(?:st|nd|rd|th)?(?:\s?[-–]\s?(?P<last>{_DAY})(?:st|nd|rd|th)?)?"
        rf"\s+(?P<month>{_MONTHS})\b\.?(?!\s+(?:be|have|I|you|we|they|not|also)\b)",
        _day_of_month,
        en=(
            "3 Jan and the 21st February 2026 => the 3rd of January and the 21st of February 20 26",
            "the 3rd of May => the 3rd of May",
            "5-7 Nov => the 5th to 7th of November",
        ),
    ),
    Rule(
        rf"\b({_MONTHS})\.?(?=\s+(?:1\d|20)\d\d\b)", lambda match: full_month(match[1]), en="Jan. 2026 => January 20 26"
    ),
)
