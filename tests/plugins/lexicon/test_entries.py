from __future__ import annotations

import pytest

from wyoming_kokoro import embed_ipa
from wyoming_kokoro_lexicon.entries import LexiconEntries

KOKORO = embed_ipa("kˈOkəɹO")


@pytest.mark.parametrize(
    ("words", "text", "expected"),
    [
        ({"Hass": "hoss"}, "Hass is Hass.", "hoss is hoss."),
        ({"Hass": "hoss"}, "Hassle hass AHass Hass2", "Hassle hass AHass Hass2"),
        ({"hass": "hoss"}, "Hass HASS hass", "hoss hoss hoss"),
        ({"Polish": "poe lish", "polish": "pahlish"}, "Polish polish POLISH", "poe lish pahlish pahlish"),
        ({"Kokoro": "/kˈOkəɹO/"}, "Ask Kokoro!", f"Ask {KOKORO}!"),
        ({"Kokoro": "/kˈOkəɹO/"}, "Kokoro's voice", f"{embed_ipa('kˈOkəɹOz')} voice"),
        ({"bus": "/bˈʌs/"}, "the bus’s door", f"the {embed_ipa('bˈʌsᵻz')} door"),
        ({"Jack": "/ʤˈæk/"}, "Jack's", embed_ipa("ʤˈæks")),
        ({"Hass": "hoss"}, "Hass's lamp", "hoss's lamp"),
        ({"home": "A", "home assistant": "B"}, "home  assistant's home", "B's A"),
        ({"o'clock": "o klok"}, "six o’clock", "six o klok"),
        ({"c++": "see plus plus"}, "C++, c++", "see plus plus, see plus plus"),
        ({"घर": "ग"}, "घर घरों घर।", "ग घरों ग।"),
        ({"洗面所": "せんめんじょ"}, "この洗面所で", "このせんめんじょで"),
        ({"café": "caffay"}, "Café cafés", "caffay cafés"),
        ({"größe": "x"}, "GRÖSSE Größe", "GRÖSSE x"),
        ({"a.b": "x"}, "a.b axb", "x axb"),
        ({r"\1": "x"}, r"\1", "x"),
        ({"x": r"\1"}, "x", r"\1"),
    ],
)
def test_whole_words_are_replaced_longest_and_exact_case_first(words: dict[str, str], text: str, expected: str) -> None:
    assert LexiconEntries(words).apply(text) == expected
