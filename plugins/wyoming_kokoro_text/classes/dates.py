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
            es="2026-11-26T17:35:34Z => 26 de noviembre de 2026, 17 y 35",
            en="2026-11-26T17:35:34+00:00 => November 26th, 20 26, 17 35",
        ),
        Rule(
            r"\b(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])\b",
            verbalize_date,
            es="el 2026-01-03 y el 2026-01-01 => el 3 de enero de 2026 y el 1 de enero de 2026",
            fr="le 2026-01-01 et le 2026-01-03 => le 1er janvier 2026 et le 3 janvier 2026",
            it="il 2026-01-01 e il 2026-01-03 => il primo gennaio 2026 e il 3 gennaio 2026",
            pt="em 2026-01-01 e 2026-01-03 => em 1º de janeiro de 2026 e 3 de janeiro de 2026",
            hi="2026-01-03 => 3 जनवरी 2026",
            en="on 2026-01-03 => on January 3rd, 20 26",
        ),
    )
