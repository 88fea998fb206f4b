"""Rules for times of day."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wyoming_kokoro_text.language import LanguageWords
from wyoming_kokoro_text.rules import Rule


def time_rules(words: LanguageWords) -> Iterable[Rule]:
    """Return the rules for times of day: `18:31`, `18h31` and `6:31 pm`."""
    clock = words.clock
    am_or_pm = r"\s?([aApP])\.?\s?[mM]\b\.?"
    hours = r"(?:(?:\s(?:heures?|horas?|बजे)|\s?h)(?!\w))?"
    dash = r"\s?[–—-]\s?"

    def name_hour(hour: int) -> str:
        return clock.irregular_hours.get(hour, clock.hour_template.format(hour))

    def name_half(hour: int, letter: str) -> str:
        first, evening = clock.evening
        return clock.am if letter in "aA" else evening if first <= hour < 12 else clock.pm

    def verbalize_time(match: re.Match[str]) -> str:
        hour, minute, half_of_day = int(match[1]), int(match[2]), match[3]
        full_hour = clock.one_hour if hour <= 1 and clock.one_hour else clock.full_hour
        text = (clock.with_minutes if minute else full_hour).format(hour=name_hour(hour), minute=minute)
        return f"{text} {name_half(hour, half_of_day)}" if half_of_day else text

    def split_seconds(match: re.Match[str]) -> str:
        seconds = int(match[2])
        return match[1] + (f", {words.and_} {words.units.name_after(str(seconds), 's')}" if seconds else "")

    return (
        Rule(
            rf"\b({clock.dotted_after})\s([01]?\d|2[0-3])\.([0-5]\d)(?![\d%€$£°]|[.,]\d|\s[%€$£°])",
            r"\1 \2:\3",
            es="a las 17.30 => a las diecisiete y treinta",
            it="dalle 9.00 alle ore 18.30 => dalle nove alle ore diciotto e trenta",
            pt="às 17.30 => às dezessete e trinta",
        ),
        Rule(
            rf"(?<![\d:.,])(\d{{1,2}}(?::\d\d|\s?h(?:\d\d)?)){dash}(?=\d{{1,2}}(?::\d\d|\s?h)(?![A-Za-z]))",
            rf"\1 {words.range_to} ",
            es="18:00-19:30 => dieciocho en punto a diecinueve y treinta",
            fr="9h30 - 17h => neuf heures trente à dix-sept heures",
        ),
        Rule(
            rf"(?<![\d:.,])(\d{{1,2}}(?::\d\d)?\s?[aApP]\.?\s?[mM]\b)\.?{dash}(?=\d{{1,2}}(?::\d\d)?\s?[aApP]\.?\s?[mM]\b)",
            rf"\1 {words.range_to} ",
            es="9 AM - 5:30 PM => nueve de la mañana a cinco y treinta de la tarde",
            fr="9 AM–8 PM => neuf heures du matin à huit heures du soir",
        ),
        Rule(
            r"(?<![\d:.,])((?:[01]?\d|2[0-3]):[0-5]\d):([0-5]\d)(?![:\d]|[.,]\d)",
            split_seconds,
            languages="es fr it pt hi",
            es="06:45:00 y 18:31:22 => seis y cuarenta y cinco y dieciocho y treinta y uno, y veintidós segundos",
            fr="06:45:00 et 18:30:01 => six heures quarante-cinq et dix-huit heures trente, et une seconde",
            it="06:45:00 e 18:31:22 => sei e quarantacinque e diciotto e trentuno, e ventidue secondi",
            pt="06:45:00 e 18:31:22 => seis e quarenta e cinco e dezoito e trinta e um, e vinte e dois segundos",
            hi="06:45:00 => छह बजकर पैंतालीस मिनट",
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
                "à 1:00 e à 0:00 => à uma hora e à zero hora",
            ),
            hi="सुबह 6:31 बजे और रात्रि 12:00 बजे => सुबह छह बजकर इकतीस मिनट और रात्रि बारह बजे",
        ),
        Rule(
            rf"(?<![\w:.,])(1[0-2]|0?[1-9]){am_or_pm}",
            lambda match: f"{name_hour(int(match[1]))} {name_half(int(match[1]), match[2])}",
            languages="es fr it pt hi",
            es="a las 9 p.m. => a las nueve de la noche",
            fr="à 7 AM => à sept heures du matin",
            it="alle 3 PM => alle tre di pomeriggio",
            pt="às 8 PM => às oito da noite",
        ),
        # The article already says that it is a time of day.
        Rule(
            r"\b((?:alle|dalle|delle|ore)\s\d{1,2})\s?h(?!\w)", r"\1", languages="it", it="alle 14h => alle quattordici"
        ),
    )
