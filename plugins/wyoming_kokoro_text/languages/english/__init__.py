"""English words and rules."""

from __future__ import annotations

from wyoming_kokoro_text.language import Language
from wyoming_kokoro_text.languages.english.abbreviations import ABBREVIATIONS
from wyoming_kokoro_text.languages.english.codes import CODES, NAMES_WITH_NUMBERS
from wyoming_kokoro_text.languages.english.dates import DATES
from wyoming_kokoro_text.languages.english.durations import DURATIONS
from wyoming_kokoro_text.languages.english.interjections import INTERJECTIONS
from wyoming_kokoro_text.languages.english.names import NAMES
from wyoming_kokoro_text.languages.english.numbers import NUMBERS
from wyoming_kokoro_text.languages.english.roman_numerals import ROMAN_NUMERALS
from wyoming_kokoro_text.languages.english.signs import RELATIONS, SIGNS
from wyoming_kokoro_text.languages.english.slashes import SLASHED_WORDS
from wyoming_kokoro_text.languages.english.times import TIMES
from wyoming_kokoro_text.languages.english.units import MONEY, UNITS
from wyoming_kokoro_text.languages.english.words import DATES as DATE_WORDS
from wyoming_kokoro_text.languages.english.words import SLASHES, WORDS

LANGUAGE = Language(
    "en",
    WORDS,
    DATE_WORDS,
    SLASHES,
    rules={
        "abbreviations": ABBREVIATIONS,
        "slashes": SLASHED_WORDS,
        "dates": DATES,
        "durations": DURATIONS,
        "times": TIMES,
        "ranges": RELATIONS,
        "money": MONEY,
        "units": UNITS,
        "symbols": SIGNS,
        "addresses": CODES,
        "roman numerals": ROMAN_NUMERALS,
        "numbers": NAMES_WITH_NUMBERS + NUMBERS,
        "names": INTERJECTIONS + NAMES,
    },
    examples={
        "markup": (
            "Settings → Devices → Add => Settings, Devices, Add",
            "Timer set for 1 hour and 5 minutes named pizza => Timer set for 1 hour and 5 minutes named pizza",
        ),
        "ranges": (
            "well-known state-of-the-art => well-known state-of-the-art",
            "a 5-minute walk => a 5-minute walk",
        ),
        "units": (
            "3 in the kitchen => 3 in the kitchen",
            "an iPhone 5s, 4K, 1st and 5G => an iPhone 5s, 4K, 1st and 5G",
            "7.2 pH and UV index 5 => 7.2 pH and UV index 5",
            "Light 2 is on => Light 2 is on",
        ),
        "numbers": ("1,000,000 and 3.14 => 1,000,000 and 3.14", "Charles I am => Charles I am"),
        "names": (
            "TV, USB, NASA and GPS => TV, USB, NASA and GPS",
            "iPhone, HomeKit, YouTube => iPhone, HomeKit, YouTube",
            "IT and the US => IT and the US",
            "Light A, Light B => Light A, Light B",
            "A light and a lamp => A light and a lamp",
            "Yes, Light B, Light C and 2 more => Yes, Light B, Light C and 2 more",
        ),
    },
)
