"""English rules for slashes."""

from __future__ import annotations

from wyoming_kokoro_text.languages.english.dates import WEEKDAYS
from wyoming_kokoro_text.languages.english.numbers import verbalize_year
from wyoming_kokoro_text.rules import Rule

_PERIODS = "second|minute|hour|day|night|week|month|year|person|sec|min|hr|wk|mo|yr"
_FULL_PERIODS = {"sec": "second", "min": "minute", "hr": "hour", "wk": "week", "mo": "month", "yr": "year"}
_SHORT_WEEKDAYS = "|".join(sorted(WEEKDAYS, key=len, reverse=True))

SLASHED_WORDS = (
    Rule(r"(?<![\w/.,])9/11(?![\w/]|[.,]\d)", "9 11", en="After 9/11 => After 9 11"),
    Rule(
        r"(?<![\w/.,-])((?:19|20)\d\d)/(\d\d)(?![\w/])",
        lambda match: f"{verbalize_year(match[1])} {match[2]}",
        en="the 2026/27 season => the 20 26 27 season",
    ),
    Rule(
        r"(?<![\w/.,])(\d{1,3})/(\d{1,3})(?=\s(?:on|open|closed|done|completed?|online|ready|finished)\b)",
        r"\1 out of \2",
        en="Lights: 3/5 on => Lights: 3 out of 5 on",
    ),
    Rule(
        r"(?<![\w/.,])(\d{1,2})/([248])(?=\s(?:time|beat|meter|measure|bar|rhythm)\b)",
        r"\1 \2",
        en="a waltz in 3/4 time => a waltz in 3 4 time",
    ),
    Rule(
        rf"\b(?:{_SHORT_WEEKDAYS})(?:/(?:{_SHORT_WEEKDAYS}))+\b",
        lambda match: ", ".join(WEEKDAYS[day] for day in match[0].split("/")),
        en="on Mon/Wed/Fri => on Monday, Wednesday, Friday",
    ),
    Rule(
        rf"\b(once|twice|(?!this\b)[a-z]{{2,20}}s|\d{{1,4}}\s?%)\s?/\s?({_PERIODS})\b",
        lambda match: f"{match[1]} per {_FULL_PERIODS.get(match[2], match[2])}",
        en=(
            "2 times/day and 20 % / hour => 2 times per day and 20 percent per hour",
            "72 beats/min and 3 sets/wk => 72 beats per minute and 3 sets per week",
        ),
    ),
    Rule(
        rf"(?<![\w.,])(\d{{1,3}}(?:\.\d{{1,2}})?)\s?p\s?/\s?({_PERIODS})\b",
        lambda match: f"{match[1]} pence per {_FULL_PERIODS.get(match[2], match[2])}",
        en_GB="60p/day => 60 pence per day",
    ),
    Rule(r"\b(and|either)/or\b", r"\1 or", en="either/or, salt and/or pepper => either or, salt and or pepper"),
    Rule(r"\b([Ss])/he\b", r"\1he or he", en="S/he is out => She or he is out"),
    Rule(r"\bc/o\b", "care of", en="c/o Lee => care of Lee"),
    Rule(r"\b[Aa]/[Cc]\b", "AC", en="A/C => AC"),
    Rule(r"\b[Nn]/[Aa]\b", "not available", en="N/A => not available"),
)
