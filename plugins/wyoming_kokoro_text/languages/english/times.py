"""English rules for times of day."""

from __future__ import annotations

import re

from wyoming_kokoro_text.rules import Rule


def _verbalize_time(match: re.Match[str]) -> str:
    """Return `6 31 PM` for `6:31 PM`, `18 hundred` for `18:00`, `6 oh 5` for `6:05`, `midnight` for `0:00`."""
    hour, minute, second, half_of_day = int(match[1]), int(match[2]), match[3], match[4]
    seconds = f" and {int(second)} seconds" if second and int(second) else ""
    if minute == 0 and not half_of_day:
        full_hour = "midnight" if hour == 0 else f"{hour} o'clock" if hour <= 12 else f"{hour} hundred"
        return full_hour + seconds
    minutes = f" oh {minute}" if 0 < minute < 10 else f" {minute}" if minute else ""
    return f"{hour}{minutes}{f' {half_of_day.upper()}M' if half_of_day else ''}{seconds}"


_HALF_OF_DAY = r"[aApP]\.?\s?[mM]\b"

TIMES = (
    Rule(r"(?<![\d:.,$£€])([01]?\d)\.([0-5]\d)(?=\s?[aApP]\.?[mM]\b)", r"\1:\2", en="at 7.30pm => at 7 30 PM"),
    Rule(
        r"(?<![\w:.,])(1[0-2]|0?[1-9]):([0-5]\d)\s?([apAP])(?![\w'’]|\.\w)",
        r"\1:\2 \3m",
        en="at 7:03a. => at 7 oh 3 AM.",
    ),
    Rule(
        r"(?<![\w:.,$£€])(1[0-2]|[1-9])([ap])\s?[-–]\s?(1[0-2]|[1-9])([ap])(?![\w'’]|\.\w)",
        r"\1 \2m to \3 \4m",
        en="open 9a-5p => open 9 AM to 5 PM",
    ),
    Rule(
        rf"(?<![\d:.])(\d{{1,2}}(?::\d\d)?\s?{_HALF_OF_DAY}|\b(?:[Nn]oon|[Mm]idnight))\.?\s?[–—-]\s?"
        rf"(?=\d{{1,2}}(?::\d\d)?\s?{_HALF_OF_DAY}|noon\b|midnight\b)",
        r"\1 to ",
        en=(
            "9 AM - 5 PM, 9 a.m.–5 p.m. and 9am–noon => 9 AM to 5 PM, 9 AM to 5 PM and 9 AM to noon",
            "8:30AM-4:45PM, noon–4 PM => 8 30 AM to 4 45 PM, noon to 4 PM",
        ),
    ),
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

_DOTTED = r"([01]?\d|2[0-3])\.([0-5]\d)"
_NO_DECIMAL = r"(?!\d|[.,]\d|\s?[%°$£€]|\s(?:pounds?|dollars?|euros?|met(?:re|er)s?|miles?|k?m|k?g|kWh|percent|per)\b)"
# What happens at a time of day.
_SCHEDULED = (
    "leaves?|departs?|arrives?|starts?|begins?|ends?|opens?|closes?|finish(?:es)?|alarm|meet(?:ing)?|train|bus|flight|film"
    "|dinner|lunch|breakfast|tea|wake|home|bed|show|kick-off|appointment|school|sunrise|sunset|due"
)

BRITISH_TIMES = (
    Rule(
        rf"\b([Bb]etween|[Ff]rom) {_DOTTED} (and|to|until|till) {_DOTTED}{_NO_DECIMAL}",
        r"\1 \2:\3 \4 \5:\6",
        en_GB="between 10.15 and 11.45 => between 10 15 and 11 45",
    ),
    Rule(
        rf"\b([Aa]t|[Bb]y|[Uu]ntil|[Tt]ill|[Ff]rom|[Bb]efore|[Aa]fter|[Ss]ince|[Tt]he) (0\d)\.([0-5]\d){_NO_DECIMAL}",
        r"\1 \2:\3",
        en_GB="at 09.12, not 0.5 => at 9 12, not 0.5",
    ),
    Rule(
        rf"\b((?:{_SCHEDULED})(?: \w{{1,12}}){{0,2}} (?:at|from|by|until)|[Oo]pen(?: from)?|[Uu]ntil) {_DOTTED}"
        rf"{_NO_DECIMAL}",
        r"\1 \2:\3",
        en_GB="The train leaves at 6.40. Open until 18.20. => The train leaves at 6 40. Open until 18 20.",
    ),
    Rule(
        rf"\b([Aa]t|[Bb]y|[Tt]he) {_DOTTED}"
        r"(?= (?:tonight|today|tomorrow|this|on|sharp|train|bus|flight|(?:to|from) [A-Z]))",
        r"\1 \2:\3",
        en_GB="by 6.40 tonight and the 17.45 to Leeds => by 6 40 tonight and the 17 45 to Leeds",
    ),
)
