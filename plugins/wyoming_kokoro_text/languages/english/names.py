"""English rules for names and words in capitals that phonemizers mispronounce."""

from __future__ import annotations

import re

from wyoming_kokoro_text.classes.names.respellings import respelling_rule
from wyoming_kokoro_text.classes.patterns import PLACES, spell
from wyoming_kokoro_text.rules import Rule

SPELLED = "AQI BLE CO ETA EV FAQ IR LED OTA PIR TVOC UPS VIP VOC"
"""Abbreviations that espeak pronounces as words. It spells most others without a rule."""
RESPELLINGS = {
    "O₃": "ozone", "ESPHome": "E S P Home", "ESP32": "E S P 32", "ESP8266": "E S P 82 66", "HASS": "Hass",
    "HACS": "Hacks", "IoT": "I O T", "OAuth": "O Auth", "MAC address": "Mac address", "WLAN": "W LAN", "VLAN": "V LAN",
    "NAS": "nass", "HEPA": "heppa", "JSON": "Jason", "YAML": "yammel", "SATA": "sayta", "AAA": "triple eh",
    "C++": "C plus plus", "C#": "C sharp", "Z2M": "Z 2 M", "m²": "square meters", "m³": "cubic meters",
}  # fmt: skip
STATES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DC": "D C", "DE": "Delaware", "FL": "Florida", "GA": "Georgia", "IA": "Iowa", "ID": "Idaho",
    "IL": "Illinois", "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana", "MA": "Massachusetts", "MD": "Maryland",
    "MI": "Michigan", "MN": "Minnesota", "MO": "Missouri", "MS": "Mississippi", "MT": "Montana",
    "NC": "North Carolina", "ND": "North Dakota", "NE": "Nebraska", "NH": "New Hampshire", "NJ": "New Jersey",
    "NM": "New Mexico", "NV": "Nevada", "NY": "New York", "PA": "Pennsylvania", "RI": "Rhode Island",
    "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VA": "Virginia",
    "VT": "Vermont", "WA": "Washington", "WI": "Wisconsin", "WV": "West Virginia", "WY": "Wyoming",
}  # fmt: skip
"""States of the USA after the name of a town."""
STATES_LIKE_WORDS = {"HI": "Hawaii", "IN": "Indiana", "ME": "Maine", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon"}
"""Those whose codes are also words. They stand before ZIP codes."""
_PRONOUN_IN_CAPITALS = r"(?:IT|US)"
_CAPITALS = r"[A-Z]{2,}"


def _verbalize_degrees(match: re.Match[str]) -> str:
    if match["place"]:
        return f"{match['place']} {match['number']} {match['unit'].replace('A', 'eh')}"
    if match["unit"] == "A":
        return match[0]
    return f"{match['number']} degrees {'Celsius' if match['unit'] == 'C' else 'Fahrenheit'}"


def _spell_abbreviation(match: re.Match[str]) -> str:
    """Return `L E D` for `LED`, and `L E D's` for `LEDs`."""
    return spell(match[1]) + ("'s" if match[2] else "")


NAMES = (
    respelling_rule(
        RESPELLINGS,
        en=("ESPHome on an ESP32 => E S P Home on an E S P 32", "C++ and C# => C plus plus and C sharp"),
    ),
    Rule(r"(?<![\w-])CO2(?!\w)", "C O 2", en="CO2, CO₂ and CO => C O 2, C O 2 and C O"),
    Rule(r"(?<![\w-])([NS])O₂(?![\w-])", r"\1 O 2", en="NO₂ and SO₂ => N O 2 and S O 2"),
    Rule(r"(?<![\w-])H[2₂]O(?![\w-])", "H 2 O", en="H2O => H 2 O"),
    Rule(r"(?<![\w-])PM(10?|2\.5)(?![\w-])", r"P M \1", en="PM2.5 and PM10 => P M 2.5 and P M 10"),
    Rule(r"(?<![\w-])PM₂\.₅(?![\w-])", "P M 2.5", en="PM₂.₅ => P M 2.5"),
    Rule(r"(?<![\w-])IPv([46])(?![\w-])", r"I P V \1", en="IPv6 => I P V 6"),
    Rule(r"(?<![\w-])(?:[Ww]ifi|WiFi|WI-?FI)(?![\w-])", "Wi-Fi", en="WiFi, Wi-Fi and wifi => Wi-Fi, Wi-Fi and Wi-Fi"),
    Rule(
        rf"\b({'|'.join(SPELLED.split())})(s?)\b(?![-.'’]\w)",
        _spell_abbreviation,
        en=("LED and LEDs => L E D and L E D's", "an EV, the UPS and VOC => an E V, the U P S and V O C"),
    ),
    Rule(
        rf"\b{_PRONOUN_IN_CAPITALS}\b(?= {_CAPITALS}\b)|(?<=[A-Z]{{2}} ){_PRONOUN_IN_CAPITALS}\b",
        lambda match: match[0].lower(),
        en=("WARNING: IT IS HOT => WARNING: it IS HOT", "TELL US NOW => TELL us NOW"),
    ),
    # Home Assistant writes "Tv led strip".
    Rule(r"\b[Ll]ed(?= (?:strip|light|lamp|bulb|panel|ring|driver)s?\b)", "L E D", en="Tv led strip => Tv L E D strip"),
    Rule(
        r"^(Ble|Ota|Pir|Poe|Tvoc|Ups|Voc)(?= (?!and\b)[a-z])",
        lambda match: spell(match[1].upper()),
        en="Ups battery is 98 % => U P S battery is 98 percent",
    ),
    Rule(r"\b[Ee]v(?= (?:charg|car\b|battery))", "E V", en="the Ev charger => the E V charger"),
    Rule(r"(\d)\.0(?= degrees?\b)", r"\1", en="21.0 degrees => 21 degrees"),
    # As a word, `AM` would be a form of `be`.
    Rule(
        r"(?<=\d )AM(?= (?!(?:and|at|for|in|on|or|to|with)\b)[a-z])|(?<=[a-z] )AM(?= [a-z])",
        "eh M",
        en=(
            "at 6 AM every day => at 6 eh M every day",
            "nine AM to five => nine eh M to five",
            "I AM here => I AM here",
        ),
    ),
    Rule(r"\bA(?= [A-Z]\b(?![-'’]))", "eh", en="plan A B => plan eh B"),
    Rule(
        r"(?<=[a-z] )A(?= (?:and|or|is|are|was|has|in|on|at|to|of|with)\b)",
        "eh",
        en="Light A and 2 more => Light eh and 2 more",
    ),
    Rule(r"(?<=[a-z])(?=(?:TV|AC|UPS|LED)\b)", " ", en="SmartTV => Smart TV"),
    Rule(
        r"(\d)\s?x(?! (?:plus|minus|equals|is (?:less|greater|not))\b)(?=\s|$|[.,!?])",
        r"\1 times",
        en="10x faster and 2x. => 10 times faster and 2 times.",
    ),
    Rule(
        r"(\d)['′]\s?(\d{1,2})(?:[\"″”]|'')", r"\1 feet \2 inches", en="5'11\" and 6″ => 5 feet 11 inches and 6 inches"
    ),
    Rule(r"(\d)\s?′", r"\1 feet", en="6′ => 6 feet"),
    Rule(
        rf"(?:\b(?P<place>{PLACES})\s|(?<![\w.,/-]))(?P<number>\d{{1,3}}(?:\.\d)?)(?P<unit>[ACF])\b",
        _verbalize_degrees,
        en="21C or 72F, seat 14C, row 2A => 21 degrees Celsius or 72 degrees Fahrenheit, seat 14 C, row 2 eh",
    ),
    Rule(
        rf"(?<=[a-z], )(?:({'|'.join(STATES)})(?=\s(?:\d|and\b)|[.,;:!?)]|$)"
        rf"|({'|'.join(STATES_LIKE_WORDS)})(?=\s\d \d))",
        lambda match: STATES[match[1]] if match[1] else STATES_LIKE_WORDS[match[2]],
        en="Austin, TX, and Salem, OR 97301 => Austin, Texas, and Salem, Oregon 9 7 3 0 1",
    ),
    Rule(r"(?<![\w'’-])A(?=\d)", "eh ", en="A4 paper, an A1C test => eh 4 paper, an eh 1C test"),
)
