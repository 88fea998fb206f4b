"""Rules for durations: `1h 30m`, `00:05:12`, `45s`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from wyoming_kokoro_text.classes.patterns import text_before
from wyoming_kokoro_text.language import LanguageWords
from wyoming_kokoro_text.rules import Rule

_UNITS = {"d": "d", "j": "d", "h": "h", "hr": "h", "hrs": "h", "m": "min", "min": "min", "mins": "min", "mn": "min"} | {
    "s": "s", "sec": "s", "secs": "s", "seg": "s",
}  # fmt: skip
_DESCENDING = ("d", "h", "min", "s")
_MAX_CONTEXT = 30


def duration_rules(words: LanguageWords) -> Iterable[Rule]:
    """Return the rules for durations in several units, with colons, and directly before a short unit."""
    name = words.units.name_after
    # In Italian, `5g di sale` is a weight.
    days = {"fr": "[dj]", "it": "d|gg|g(?! d)"}.get(words.units.language, "d")
    before_duration = re.compile(rf"(?<!\w)(?:{words.before_duration})[:,]?\s$", re.IGNORECASE)
    before_time = re.compile(rf"(?<!\w)(?:{words.clock.before})\s$", re.IGNORECASE)
    after_duration = re.compile(rf"\s(?:{words.after_duration})(?!\w)")

    def read_units(match: re.Match[str]) -> str:
        parts = re.findall(r"(\d+)\s?([a-z]+)", match[0])
        units = [_UNITS.get(unit, "") for _, unit in parts]
        if "" in units or units != sorted(set(units), key=_DESCENDING.index):
            return match[0]
        named = [name(number, unit) for (number, _), unit in zip(parts, units, strict=True)]
        return _join(named, words.duration_and)

    def read_clock(match: re.Match[str]) -> str:
        numbers = [int(part) for part in match.groups()]
        before = text_before(match, _MAX_CONTEXT)
        is_short = numbers[0] == 0 or len(match[1]) == 1 or numbers[0] > 23
        is_duration = before_duration.search(before) or after_duration.match(match.string, match.end())
        if not is_duration and (not is_short or before_time.search(before)):
            return match[0]
        named = [name(str(number), unit) for number, unit in zip(numbers, _DESCENDING[1:], strict=True) if number]
        return _join(named, f" {words.and_} ") or name("0", "s")

    return (
        Rule(
            r"(?<![\w.,:/-])\d{1,4}\s?[a-z]{1,4}\.?(?:\s?\d{1,4}\s?[a-z]{1,4}\.?){1,3}(?<!\.)(?!\w)",
            read_units,
            en=(
                "1h 30m and 1 hr 5 min => 1 hour 30 minutes and 1 hour 5 minutes",
                "3h12m45s => 3 hours 12 minutes 45 seconds",
                "for 12d 3h. => for 12 days 3 hours.",
                "in 5 m 3 km => in 5 meters 3 kilometers",
            ),
            es="1h 30m => una hora y treinta minutos",
            fr="2h 5min => deux heures cinq minutes",
            it="1h 30m => un'ora e trenta minuti",
            pt="2h 5min => duas horas e cinco minutos",
            hi="1h 30m => एक घंटा तीस मिनट",
        ),
        Rule(
            r"(?<![\d:.,])(\d{1,3}):([0-5]\d):([0-5]\d)(?![:\d]|[.,]\d|\s?[aApP]\.?\s?[mM]\b)",
            read_clock,
            en=(
                "00:05:12 and 1:30:00 => 5 minutes and 12 seconds and 1 hour and 30 minutes",
                "02:15:08 remaining => 2 hours, 15 minutes and 8 seconds remaining",
                "at 00:05:12 and 18:31:22 => at 0 oh 5 and 12 seconds and 18 31 and 22 seconds",
            ),
            es="00:05:12 => cinco minutos y doce segundos",
            fr="1:30:00 => une heure et trente minutes",
            it="1:30:00 => un'ora e trenta minuti",
            pt="00:05:12 => cinco minutos e doze segundos",
            hi="00:05:12 => पांच मिनट और बारह सेकंड",
        ),
        Rule(
            r"(?<![\w.,])(\d{1,4})s(?![\w'’])",
            lambda match: name(match[1], "s"),
            languages="es fr it pt hi",
            es="45s => cuarenta y cinco segundos",
            fr="45s => quarante-cinq secondes",
            it="45s => quarantacinque secondi",
            pt="45s => quarenta e cinco segundos",
            hi="45s का टाइमर => पैंतालीस सेकंड का टाइमर",
        ),
        Rule(
            rf"(?<!\w)(?P<before>(?:{words.before_days})\s)(?P<number>\d{{1,3}})\s?(?:{days})(?!\w)",
            lambda match: match["before"] + name(match["number"], "d"),
            languages="es fr it pt",
            es="hace 3d y en 1d => hace tres días y en un día",
            fr="il y a 3j => il y a trois jours",
            it="tra 3gg e tra 5g => tra tre giorni e tra cinque giorni",
            pt="há 3d => há três dias",
        ),
        Rule(
            rf"(?<!\w)(?P<before>(?:{words.ago})\s)(?P<number>\d{{1,3}})m(?!\w|, (?:gir|pren|svolt|tourn)| de\b)",
            lambda match: match["before"] + name(match["number"], "min"),
            languages="es fr it pt",
            es="hace 5m => hace cinco minutos",
            fr="il y a 5m, dans 5m et dans 5 m => il y a cinq minutes, dans cinq minutes et dans cinq mètres",
            it="tra 5m => tra cinque minuti",
            pt="há 5m => há cinco minutos",
        ),
        Rule(
            r"(?<![\w.,])(\d{1,3})\s?(m|d|gg?)(?=\sfa(?!\w))",
            lambda match: name(match[1], "min" if match[2] == "m" else "d"),
            languages="it",
            it="3g fa e 5m fa => tre giorni fa e cinque minuti fa",
        ),
        # The sentence continues after the full stop of the abbreviation.
        Rule(
            r"(?<=\d)(\s?(?:h|hrs?|mins?|secs?|seg|wks?|mos?|yrs?))\.(?=\s[^\W\d_A-Z])",
            r"\1",
            en="In 5 min. please leave => In 5 minutes please leave",
            es="en 10 min. salimos => en diez minutos salimos",
        ),
    )


def _join(parts: Sequence[str], last: str) -> str:
    """Return `parts` with `last` before the last, and a comma between the others if `last` is a word."""
    separator = ", " if last.strip() else last
    return last.join(filter(None, (separator.join(parts[:-1]), *parts[-1:])))
