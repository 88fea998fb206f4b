"""Rules for times of day."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wyoming_kokoro_text.language import LanguageWords
from wyoming_kokoro_text.rules import Rule


def time_rules(words: LanguageWords) -> Iterable[Rule]:
    """Return the rules for times of day: `18:31`, `18h31` and `6:31 pm`."""
    clock = words.clock
    am_or_pm, hours = r"\s?([aApP])\.?\s?[mM]\b\.?", r"(?:\s(?:heures?|horas?|h|बजे)(?!\w))?"

    def verbalize_time(match: re.Match[str]) -> str:
        hour, minute, half_of_day = int(match[1]), int(match[2]), (match[3] or "").lower()
        full_hour = clock.one_hour if hour == 1 and clock.one_hour else clock.full_hour
        template = clock.with_minutes if minute else full_hour
        text = template.format(hour=clock.irregular_hours.get(hour, clock.hour_template.format(hour)), minute=minute)
        return text + {"a": f" {clock.am}", "p": f" {clock.pm}"}.get(half_of_day, "")

    return (
        Rule(
            r"(\d{1,2}:\d\d)\s?[–-]\s?(?=\d{1,2}:\d\d)",
            rf"\1 {words.range_to} ",
            es="18:00-19:30 => dieciocho en punto a diecinueve y treinta",
        ),
        Rule(
            rf"(?<![\d:.,])([01]?\d|2[0-3])(?::|\s?h\s?)([0-5]\d)(?:{am_or_pm})?(?![:\d]){hours}",
            verbalize_time,
            fr=(
                "Il est 18:31 => Il est dix-huit heures trente et une",
                "à 01:00 et 18h30 => à une heure et dix-huit heures trente",
                "à 18 h 00 et 21:05 => à dix-huit heures et vingt et une heures cinq",
            ),
            it=(
                "Sono le 18:31 => Sono le diciotto e trentuno",
                "01:00, 21:05 e 18:00 => una, ventuno e cinque e diciotto",
            ),
            es=(
                "18:31 y 18:00 => dieciocho y treinta y uno y dieciocho en punto",
                "1:05 y 21:00 => una y cinco y veintiuna en punto",
                "6:31 p. m. => seis y treinta y uno de la tarde",
            ),
            pt=(
                "18:31 da noite, 2:00 e 22:05 => dezoito e trinta e um da noite, duas horas e vinte e duas e cinco",
                "à 1:00 => à uma hora",
            ),
            hi="सुबह 6:31 बजे और रात्रि 12:00 बजे => सुबह छह बजकर इकतीस मिनट और रात्रि बारह बजे",
        ),
    )
