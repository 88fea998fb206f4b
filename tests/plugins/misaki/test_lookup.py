"""Phonemes of misaki's dictionary in text."""

from __future__ import annotations

import pytest

from wyoming_kokoro import TextFilter
from wyoming_kokoro.model.vocabulary import VOCABULARY
from wyoming_kokoro.text.embedded_ipa import IPA_SPAN, extract_ipa
from wyoming_kokoro_misaki.accents import ACCENTS
from wyoming_kokoro_misaki.lookup import DictionaryLookup


def read_embedded(text: str) -> str:
    """Return `text` with its embedded phonemes in plain IPA."""
    return IPA_SPAN.sub(lambda match: extract_ipa(match[0]), text)


AMERICAN = [
    ("Turned on the kitchen lights.", "tˈɜɹnd ˌɔn ðə kˈɪʧᵊn lˈIts."),
    ("the office, the lamp", "ði ˈɔfəs, ðə lˈæmp"),
    ("to 8 lamps, to 45, to open it, go to", "tʊ 8 lˈæmps, tə 45, tʊ ˈOpᵊn ɪt, ɡˌO tu"),
    ("A lamp", "ɐ lˈæmp"),
    ("Vitamin A is", "vˈITəmən ˈA ɪz"),
    ("I am.", "ˌI æm."),
    ("Please record the record.", "plˈiz ɹəkˈɔɹd ðə ɹˈɛkəɹd."),
    ("Close the blinds, we are close to it", "klˈOz ðə blˈIndz, wi ɑɹ klˈOs tʊ ɪt"),
    ("I have read it", "ˌI hæv ɹˈɛd ɪt"),
    ("I used to use it, it is used to heat", "ˌI jˈust tə jˈuz ɪt, ɪt ɪz jˈuzd tə hˈit"),
    ("The kitchen's dehumidifier", "ðə kˈɪʧᵊnz dˌihjumˈɪdəfˌIəɹ"),
    ("the kitchen’s", "ðə kˈɪʧᵊnz"),
    ("notified dimming dimmed", "nˈOTəfˌId dˈɪmɪŋ dˈɪmd"),
    ("an LED and NASA", "ɐn ˌɛlˌidˈi ænd nˈæsə"),
    ("WATER LEAK", "wˈɔTəɹ lˈik"),
    ("a button", "ɐ bˈʌtn"),
]

BRITISH = [
    ("Turned on the kitchen lights.", "tˈɜːnd ˌɒn ðə kˈɪʧɪn lˈIts."),
    ("I used to go", "ˌI jˈuːst tə ɡˌQ"),
    ("rescheduled", "ɹˌiːʃˈɛdjuːld"),
]


@pytest.mark.parametrize(("text", "expected"), AMERICAN)
def test_american_words_depend_on_their_neighbors(filters: dict[str, TextFilter], text: str, expected: str) -> None:
    assert read_embedded(filters["en-US"].apply(text)) == expected


@pytest.mark.parametrize(("text", "expected"), BRITISH)
def test_british_words_come_from_the_british_dictionary(
    filters: dict[str, TextFilter], text: str, expected: str
) -> None:
    assert read_embedded(filters["en-GB"].apply(text)) == expected


@pytest.mark.parametrize("text", ["Zigbee", "hectopascals", "café's", "5G", "U2", "21.5", "", " ", "?!"])
def test_unknown_words_and_numbers_are_unchanged(filters: dict[str, TextFilter], text: str) -> None:
    assert filters["en-US"].apply(text) == text


@pytest.mark.parametrize("text", ["x@y", "a.b_c"])
def test_addresses_and_identifiers_are_filtered_without_error(filters: dict[str, TextFilter], text: str) -> None:
    assert filters["en-US"].apply(text)


@pytest.mark.parametrize("language", ACCENTS)
def test_vocabulary_has_every_symbol_of_the_dictionary(filters: dict[str, TextFilter], language: str) -> None:
    lookup = filters[language].apply
    assert isinstance(lookup, DictionaryLookup)
    symbols: set[str] = set()
    for table in (lookup.dictionary._gold, lookup.dictionary._silver):
        for entry in table.values():
            symbols.update(*([entry] if isinstance(entry, str) else filter(None, entry.values())))
    assert symbols <= set(VOCABULARY)
