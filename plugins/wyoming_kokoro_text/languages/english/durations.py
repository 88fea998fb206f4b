"""English rules for durations directly before a short unit."""

from __future__ import annotations

import re

from wyoming_kokoro_text.classes.patterns import text_before
from wyoming_kokoro_text.rules import Rule

_NAMES = {"d": "day", "m": "minute", "s": "second"}
# After these words, `90s` and `30s` are decades, temperatures or ages; after the last one, `5s` is a model.
_BEFORE_DECADES = frozenset([
    "the", "mid", "early", "late", "low", "high", "upper", "lower", "my", "your", "his", "her", "our", "their",
    "iphone",
])  # fmt: skip
_EVENTS = "timer|alarm|countdown|delay|break|rest|plank|interval|nap|video|clip|walk|drive|run|snooze|workout|meeting"


def _name_unit(match: re.Match[str]) -> str:
    """Return `45 seconds` for `45s`, and `45 second timer` for `45s timer`."""
    number, unit = match["number"], match["unit"]
    before = text_before(match, 12).rstrip("-").split()[-1:]
    if unit == "s" and before and before[0].lower() in _BEFORE_DECADES:
        return match[0]
    is_singular = number == "1" or match.groupdict().get("event") or (before and before[0] in ("a", "an", "A"))
    return f"{number} {_NAMES[unit]}{'' if is_singular else 's'}"


DURATIONS = (
    Rule(
        r"(?<![\w.,'’$£€])(?<!\d[hm] )(?<!\d0s and )(?<!\d0s or )"
        r"(?P<number>\d{1,3}(?:\.\d{1,2})?)(?P<unit>s)(?![\w'’])"
        rf"(?=(?P<event>\s(?:{_EVENTS})\b)?)",
        _name_unit,
        en=(
            "Hold for 45s, a 30s timer => Hold for 45 seconds, a 30 second timer",
            "off in 30s, 20s left => off in 30 seconds, 20 seconds left",
            "in the 90s, my iPhone 5s and 1980s => in the nineties, my iPhone 5s and 19 eighties",
        ),
    ),
    Rule(
        rf"(?<![\w.,'’$£€])(?P<number>\d{{1,3}})(?P<unit>[dm])"
        rf"(?=\s(?:ago|left|remaining|later|old|to go|(?P<event>{_EVENTS}))\b)",
        _name_unit,
        en="5m ago, 3d left and a 10m timer => 5 minutes ago, 3 days left and a 10 minute timer",
    ),
    Rule(
        r"(?:(?<=\bETA )|(?<=[Ee]very )|(?<=[Tt]imer for )|(?<=nooze for ))"
        r"(?P<number>\d{1,3})(?P<unit>m)(?!\w)",
        _name_unit,
        en="ETA 45m, every 15m => E T A 45 minutes, every 15 minutes",
    ),
    # `3d` may have three dimensions.
    Rule(
        r"(?<![\w.,'’$£€-])(?P<number>[4-9]|[1-9]\d{1,2})(?P<unit>d)(?![\w-])",
        _name_unit,
        en="Filter life 90d => Filter life 90 days",
    ),
    Rule(r"(?<=\d[½⅓⅔¼¾])\s?(?:h|hrs?)(?!\w)\.?", " hours", en="1½ hrs => 1 and a half hours"),
)
