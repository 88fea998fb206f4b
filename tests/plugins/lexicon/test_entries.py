from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro import LITERAL_MARK, embed_ipa
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
        ({"Hass": "Hass io"}, "Hass", "Hass io"),
        ({"one": "two", "two": "one"}, "one two", "two one"),
        ({"kitchen": "x", "mass": "y"}, "kıtchen maſs", "kıtchen maſs"),
        ({"洗面所": "x", "A": "y", "所": "z"}, "洗面所 所A A", "x zA y"),
        ({"a": "b"}, f"a {LITERAL_MARK}a{LITERAL_MARK} a", "b a b"),
        ({}, f"a {LITERAL_MARK}a{LITERAL_MARK}", "a a"),
    ],
)
def test_whole_words_are_replaced_longest_and_exact_case_first(words: dict[str, str], text: str, expected: str) -> None:
    assert LexiconEntries(words).apply(text) == expected


WORDS = st.dictionaries(
    st.sampled_from(["a", "A", "a b", "ab", "家", "家a", "s's"]), st.sampled_from(["a", "a b", "家"]), min_size=1
)


@given(WORDS, st.text("aAbs' 家.", max_size=30))
def test_text_that_was_replaced_once_is_not_replaced_again(words: dict[str, str], text: str) -> None:
    entries = LexiconEntries(words)
    assert entries.apply(entries.apply_once(text)) == entries.apply(text)


@given(st.dictionaries(st.text(min_size=1).filter(str.strip), st.just("x"), min_size=1), st.text())
def test_any_text_can_be_replaced(words: dict[str, str], text: str) -> None:
    entries = LexiconEntries(words)
    entries.apply(text)
    assert all(entries.apply(word) for word in words)
