"""English rules for dates and times of day."""

from __future__ import annotations

import re

from wyoming_kokoro_text.languages.english.numbers import ordinal
from wyoming_kokoro_text.languages.english.words import DATES as DATE_WORDS
from wyoming_kokoro_text.rules import Rule

_MONTH_NAMES = DATE_WORDS.months.split()
_MONTHS = "|".join(f"{month}|{month[:3]}" for month in _MONTH_NAMES) + "|Sept"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
WEEKDAYS = {"Mon": "Monday", "Tue": "Tuesday", "Tues": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday"} | {
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


def _month_and_day(match: re.Match[str]) -> str:
    """Return `January 3rd` for `Jan. 3`, and `January 3rd to 5th` for `Jan 3-5`."""
    last = f" to {ordinal(int(match[3]))}" if match[3] else ""
    return f"{_full_month(match[1])} {ordinal(int(match[2]))}{last}"


def _day_of_month(match: re.Match[str]) -> str:
    """Return `the 3rd of January` for `3 Jan`, but `3rd of January` after `the`."""
    day, month = ordinal(int(match["day"])), _full_month(match["month"])
    last = f" to {ordinal(int(match['last']))}" if match["last"] else ""
    return f"{match['the'] or 'the '}{day}{last} of {month}"


DATES = (
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
        rf"\b({_MONTHS})\.?(?=\s+(?:1\d|20)\d\d\b)",
        lambda match: _full_month(match[1]),
        en="Jan. 2026 => January 20 26",
    ),
)

TIMES = (
    Rule(
        r"(?<![\d:.])(\d{1,2}(?::\d\d)?)\s?[–-]\s?(?=\d{1,2}(?::\d\d)?\s?[aApP]\.?[mM]\b)",
        r"\1 to ",
        en="6-8 PM and 6:30–8:00 PM => 6 to 8 PM and 6 30 to 8 PM",
    ),
    Rule(
        r"(?<![\d:.])(\d{1,2}:\d\d(?:\s?[aApP][mM])?)\s?[–-]\s?(?=\d{1,2}:\d\d)",
        r"\1 to ",
        en=("18:00-19:30 => 18 hundred to 19 30", "10:30 - 11:45 => 10 30 to 11 45"),
    ),
    Rule(
        r"(?<![\d:.,])([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?(?:\s?([aApP])\.?[mM]\b|(?![:\w]))",
        _verbalize_time,
        en=(
            "at 6:00 p.m. today => at 6 PM today",
            "It is 6:31 PM => It is 6 31 PM",
            "at 6:05 am => at 6 oh 5 AM",
            "at 12:00 AM => at 12 AM",
            "at 18:31 => at 18 31",
            "at 18:00 => at 18 hundred",
            "at 7:00 => at 7 o'clock",
            "at 00:07 and 0:00 => at 0 oh 7 and midnight",
            "at 18:31:22 => at 18 31 and 22 seconds",
        ),
    ),
    Rule(
        r"\b(1[0-2]|0?[1-9])\s?([aApP])[mM]\b",
        lambda match: f"{int(match[1])} {match[2].upper()}M",
        en="6:31pm and 6PM => 6 31 PM and 6 PM",
    ),
)
