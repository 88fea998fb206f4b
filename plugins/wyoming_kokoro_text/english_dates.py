"""English rules for dates and times of day."""

from __future__ import annotations

import re

from wyoming_kokoro_text.english_numbers import ordinal, verbalize_year
from wyoming_kokoro_text.languages.english import WORDS
from wyoming_kokoro_text.notation import date_rules
from wyoming_kokoro_text.rules import Rules

_MONTH_NAMES = WORDS.months.split()
_MONTHS = "|".join(f"{month}|{month[:3]}" for month in _MONTH_NAMES) + "|Sept"
_DAY = r"(0?[1-9]|[12]\d|3[01])"
_WEEKDAYS = {"Mon": "Monday", "Tue": "Tuesday", "Tues": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday"} | {
    "Thur": "Thursday", "Thurs": "Thursday", "Fri": "Friday", "Sat": "Saturday", "Sun": "Sunday",
}  # fmt: skip


def _verbalize_time(match: re.Match[str]) -> str:
    """Return `6 31 PM` for `6:31 PM`, `18 hundred` for `18:00`, `6 oh 5` for `6:05`, `midnight` for `0:00`."""
    hour, minute, second, half_of_day = int(match[1]), int(match[2]), match[3], match[4]
    seconds = f" and {int(second)} seconds" if second and int(second) else ""
    if minute == 0 and not half_of_day:
        full_hour = "midnight" if hour == 0 else f"{hour} o'clock" if hour <= 12 else f"{hour} hundred"
        return full_hour + seconds
    minutes = f" oh {minute}" if 0 < minute < 10 else f" {minute}" if minute else ""
    return f"{hour}{minutes}{f' {half_of_day.upper()}M' if half_of_day else ''}{seconds}"


def _full_month(name: str) -> str:
    return next(month for month in _MONTH_NAMES if month.startswith(name[:3]))


def _verbalize_slashed_date(match: re.Match[str]) -> str:
    """Return a date such as `1/25/2026`. In `1/3/2026` either number may be the day, so both stay numbers."""
    first, second, year = int(match[1]), int(match[2]), verbalize_year(match[3])
    if first <= 12 < second:
        return f"{_MONTH_NAMES[first - 1]} {ordinal(second)}, {year}"
    if second <= 12 < first:
        return f"{_MONTH_NAMES[second - 1]} {ordinal(first)}, {year}"
    return f"{first} {second} {year}"


DATES = Rules(
    *date_rules(WORDS).table,
    (r"\b([1-9]|1\d|2\d|3[01])/([1-9]|1\d|2\d|3[01])/((?:19|20)\d\d)\b", _verbalize_slashed_date),
    (rf"\b({'|'.join(_WEEKDAYS)})\b\.?(?=\s+(?:\d|(?:{_MONTHS})\b))", lambda match: _WEEKDAYS[match[1]]),
    (
        r"\b(Mon|Tues?|Wed|Thu(?:rs?)?|Fri|(?<!\b[Tt]he )(?:Sat|Sun))(?:\.(?=,|\s+[a-z])|(?=,|\.$))",
        lambda match: _WEEKDAYS[match[1]],
    ),
    (
        rf"\b({_MONTHS})\.?\s+{_DAY}(?:st|nd|rd|th)?\b(?![:.]\d|,\d|\s?[ap]\.?m\b|\s?(?:%|°))",
        lambda match: f"{_full_month(match[1])} {ordinal(int(match[2]))}",
    ),
    (
        rf"\b{_DAY}(?:st|nd|rd|th)?\s+({_MONTHS})\b\.?(?!\s+(?:be|have|I|you|we|they|not|also)\b)",
        lambda match: f"{ordinal(int(match[1]))} of {_full_month(match[2])}",
    ),
    (rf"\b({_MONTHS})\.?(?=\s+(?:1\d|20)\d\d\b)", lambda match: _full_month(match[1])),
)

TIMES = Rules(
    (r"(?<![\d:.])(\d{1,2}(?::\d\d)?)\s?[–-]\s?(?=\d{1,2}(?::\d\d)?\s?[aApP]\.?[mM]\b)", r"\1 to "),
    (r"(?<![\d:.])(\d{1,2}:\d\d(?:\s?[aApP][mM])?)\s?[–-]\s?(?=\d{1,2}:\d\d)", r"\1 to "),
    (r"(?<![\d:.,])([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?(?:\s?([aApP])\.?[mM]\b|(?![:\w]))", _verbalize_time),
    (r"\b(1[0-2]|0?[1-9])\s?([aApP])[mM]\b", lambda match: f"{int(match[1])} {match[2].upper()}M"),
)
