"""English rules for names and words in capitals that phonemizers mispronounce."""

from __future__ import annotations

import re

from wyoming_kokoro_text.notation import spell
from wyoming_kokoro_text.rules import Rules

SPELLED = "AQI BLE CO ETA EV FAQ IR LED OTA PIR TVOC UPS VIP VOC"
"""Abbreviations that espeak pronounces as words. It spells most others without a rule."""
RESPELLINGS = {
    "O₃": "ozone",
    "ESPHome": "E S P Home",
    "ESP32": "E S P 32",
    "ESP8266": "E S P 82 66",
    "HASS": "Hass",
    "HACS": "Hacks",
    "IoT": "I O T",
    "OAuth": "O Auth",
    "MAC address": "Mac address",
    "WLAN": "W LAN",
    "C++": "C plus plus",
    "C#": "C sharp",
    "Z2M": "Z 2 M",
    "m²": "square meters",
    "m³": "cubic meters",
}
_PRONOUN_IN_CAPITALS = r"(?:IT|US)"
_CAPITALS = r"[A-Z]{2,}"


def _spell_abbreviation(match: re.Match[str]) -> str:
    """Return `L E D` for `LED`, and `L E D's` for `LEDs`."""
    return spell(match[1]) + ("'s" if match[2] else "")


NAMES = Rules(
    (
        rf"(?<![\w-])(?:{'|'.join(map(re.escape, sorted(RESPELLINGS, key=len, reverse=True)))})(?![\w-])",
        lambda match: RESPELLINGS[match[0]],
    ),
    (r"(?<![\w-])C[Oo][2₂](?![\w-])", "C O 2"),
    (r"(?<![\w-])([NS])O₂(?![\w-])", r"\1 O 2"),
    (r"(?<![\w-])H[2₂]O(?![\w-])", "H 2 O"),
    (r"(?<![\w-])PM(10?|2\.5)(?![\w-])", r"P M \1"),
    (r"(?<![\w-])PM₂\.₅(?![\w-])", "P M 2.5"),
    (r"(?<![\w-])IPv([46])(?![\w-])", r"I P V \1"),
    (r"(?<![\w-])(?:[Ww]ifi|WiFi|WI-?FI)(?![\w-])", "Wi-Fi"),
    (rf"\b({'|'.join(SPELLED.split())})(s?)\b(?![-.'’]\w)", _spell_abbreviation),
    (
        rf"\b{_PRONOUN_IN_CAPITALS}\b(?= {_CAPITALS}\b)|(?<=[A-Z]{{2}} ){_PRONOUN_IN_CAPITALS}\b",
        lambda match: match[0].lower(),
    ),
    (r"\b[Ll]ed(?= (?:strip|light|lamp|bulb|panel|ring|driver)s?\b)", "L E D"),  # Home Assistant writes "Tv led strip".
    (r"\b[Ee]v(?= (?:charg|car\b|battery))", "E V"),
    (r"(\d)\.0(?= degrees?\b)", r"\1"),
    (r"\bA(?= [A-Z]\b(?![-'’]))", "eh"),
    (r"(?<=[a-z] )A(?= (?:and|or|is|are|was|has|in|on|at|to|of|with)\b)", "eh"),  # Light A and 2 more
    (r"(?<=[a-z])(?=(?:TV|AC|UPS|LED)\b)", " "),
    (r"(\d)\s?x(?=\s|$|[.,!?])", r"\1 times"),
    (r"(\d)['′]\s?(\d{1,2})(?:[\"″”]|'')", r"\1 feet \2 inches"),
    (r"(\d)\s?″", r"\1 inches"),
    (r"(\d)\s?′", r"\1 feet"),
    (r"(?<=\d)([CF])\b", lambda match: {"C": " degrees Celsius", "F": " degrees Fahrenheit"}[match[1]]),
    (r"\b(\d+)\^(\d+)\b", r"\1 to the power of \2"),
)
