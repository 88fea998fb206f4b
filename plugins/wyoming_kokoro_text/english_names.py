"""English rules for names and words in capitals that phonemizers mispronounce."""

from __future__ import annotations

import re

from wyoming_kokoro_text.notation import spell
from wyoming_kokoro_text.rules import Rules

SPELLED = "AQI BLE CO ETA EV FAQ IR LED OTA PIR TVOC UPS VIP VOC"
"""Abbreviations that espeak pronounces as words. It spells most others without a rule."""
RESPELLINGS = {
    "CO2": "C O 2",
    "CO₂": "C O 2",
    "Co2": "C O 2",
    "Co₂": "C O 2",
    "H2O": "H 2 O",
    "H₂O": "H 2 O",
    "O₃": "ozone",
    "NO₂": "N O 2",
    "SO₂": "S O 2",
    "PM1": "P M 1",
    "PM2.5": "P M 2.5",
    "PM₂.₅": "P M 2.5",
    "PM10": "P M 10",
    "ESPHome": "E S P Home",
    "ESP32": "E S P 32",
    "ESP8266": "E S P 82 66",
    "HASS": "Hass",
    "HACS": "Hacks",
    "IoT": "I O T",
    "OAuth": "O Auth",
    "MAC address": "Mac address",
    "WLAN": "W LAN",
    "WiFi": "Wi-Fi",
    "Wifi": "Wi-Fi",
    "wifi": "Wi-Fi",
    "WIFI": "Wi-Fi",
    "WI-FI": "Wi-Fi",
    "C++": "C plus plus",
    "C#": "C sharp",
    "Z2M": "Z 2 M",
    "m²": "square meters",
    "m³": "cubic meters",
    "IPv4": "I P V 4",
    "IPv6": "I P V 6",
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
