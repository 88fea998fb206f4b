"""Rules for ISO 8601 dates and time stamps."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wyoming_kokoro_text.language import LanguageWords
from wyoming_kokoro_text.rules import Rule


def date_rules(words: LanguageWords) -> Iterable[Rule]:
    """Return the rules for ISO 8601 dates and time stamps."""
    months = words.months.split()

    def verbalize_date(match: re.Match[str]) -> str:
        year, month, day = match.groups()
        number = words.first_of_month if int(day) == 1 else str(int(day))
        return words.date_template.format(day=number, month=months[int(month) - 1], year=year)

    return (
        Rule(
            r"(?<=\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?\b",
            r", \1",
            es="2026-11-26T17:35:34Z => veintiséis de noviembre de dos mil veintiséis, diecisiete y treinta y cinco",
            en="2026-11-26T17:35:34+00:00 => November 26th, 20 26, 17 35",
        ),
        Rule(
            r"\b(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])\b",
            verbalize_date,
            es="el 2026-01-31 => el treinta y uno de enero de dos mil veintiséis",
            fr="le 2026-01-01 => le premier janvier deux mille vingt-six",
            it="il 2026-01-01 => il primo gennaio duemila ventisei",
            pt="em 2026-01-01 => em primeiro de janeiro de dois mil e vinte e seis",
            hi="2026-01-03 => 3 जनवरी 2026",
            en="on 2026-01-03 => on January 3rd, 20 26",
        ),
    )
