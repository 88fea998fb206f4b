"""Rules for durations and times of day in Chinese and Japanese, where numbers stand beside words without a space."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from wyoming_kokoro_text.classes.patterns import Replace
from wyoming_kokoro_text.rules import Rule

_CLOCK_ENDS = r"(?![\d:])"


@dataclass(frozen=True, slots=True)
class EastAsianTimeWords:
    """The words of one language. Minutes of a clock are 分 and seconds 秒 in both."""

    hours: str
    """Counts the hours of a duration."""
    minutes: str
    """Counts the minutes of a duration in letters: `30m`."""
    o_clock: str
    am: str
    pm: str
    irregular_hours: Mapping[int, str]
    """Hours of the day, with `o_clock`, that are not read as their number."""
    zero_minutes: str
    """Stands between a full hour and seconds."""
    before_few_minutes: str = ""
    """Stands before the minutes from one to nine."""


def duration_rules(words: EastAsianTimeWords) -> tuple[Rule, ...]:
    """Return the rules for durations in letters, and with colons."""

    def read_clock(match: re.Match[str]) -> str:
        parts = zip(map(int, match.groups()), (words.hours, "分", "秒"), strict=True)
        return "".join(f"{number}{unit}" for number, unit in parts if number) or "0秒"

    number = r"(?<![A-Za-z\d.,])(\d{1,4}"
    return (
        Rule(
            rf"{number}(?:\.\d)?)\s?(?:hrs?|h)(?:\s(?=\d))?(?![A-Za-z])",
            rf"\1{words.hours}",
            zh="还剩1h 30m，2h5min => 还剩一小时三十分钟，两小时五分钟",
            ja="残り1h 30m、2h5min => 残り1時間30分、2時間5分",
        ),
        Rule(
            rf"(?<={words.hours})(\d{{1,4}})\s?m(?![A-Za-z])",
            rf"\1{words.minutes}",
            zh="1h30m => 一小时三十分钟",
            ja="1h30m => 1時間30分",
        ),
        Rule(
            rf"{number})\s?mins?(?:\s(?=\d))?(?![A-Za-z])",
            rf"\1{words.minutes}",
            zh="90min和10 min => 九十分钟和十分钟",
            ja="90minと10 min => 90分と10分",
        ),
        Rule(rf"{number})\s?(?:secs?|s)(?![A-Za-z])", r"\1秒", zh="45s => 四十五秒", ja="45s => 45秒"),
        # With seconds, a time of day has two digits for the hour.
        Rule(
            rf"(?<![\d:.,])(00?|[1-9]):([0-5]\d):([0-5]\d){_CLOCK_ENDS}",
            read_clock,
            zh="00:05:12和1:30:00 => 五分十二秒和一小时三十分",
            ja="00:05:12と1:30:00 => 5分12秒と1時間30分",
        ),
    )


def time_rules(words: EastAsianTimeWords) -> tuple[Rule, ...]:
    """Return the rules for times of day."""
    halves = {"a": words.am, "p": words.pm}
    return (
        Rule(
            rf"(?<![A-Za-z])([AaPp])\.?[Mm]\.?\s?(?=\d{{1,2}}[:{words.o_clock}])",
            lambda match: halves[match[1].lower()],
            zh="AM 9:00 => 上午九点",
            ja="AM 9:00 => 午前9時",
        ),
        Rule(
            r"(?<![\d:.])(\d{1,2})(:[0-5]\d)?\s?([AaPp])\.?[Mm](?![A-Za-z])",
            lambda match: f"{halves[match[3].lower()]}{match[1]}{match[2] or words.o_clock}",
            zh="7:00 PM和9am => 下午七点和上午九点",
            ja="7:00 PMと9am => 午後7時と午前9時",
        ),
        Rule(
            rf"(?<![\d:])([01]?\d|2\d):([0-5]\d)(?::([0-5]\d))?{_CLOCK_ENDS}",
            _time_reader(words),
            zh=(
                "12:05 => 十二点零五分",
                "2:00和24:00 => 两点和二十四点",
                "18:31:22和18:00:05 => 十八点三十一分二十二秒和十八点零分五秒",
            ),
            ja=(
                "12:05と09:12 => 12時5分と9時12分",
                "9:00と0:15 => 9時とレージ15分",
                "18:31:22と18:00:05 => 18時31分22秒と18時レーフン5秒",
            ),
        ),
    )


def _time_reader(words: EastAsianTimeWords) -> Replace:
    def read_time(match: re.Match[str]) -> str:
        hour, minute, second = int(match[1]), int(match[2]), match[3]
        text = words.irregular_hours.get(hour, f"{hour}{words.o_clock}")
        if minute:
            text += f"{words.before_few_minutes if minute < 10 else ''}{minute}分"
        elif second:
            text += words.zero_minutes
        return f"{text}{int(second)}秒" if second else text

    return read_time
