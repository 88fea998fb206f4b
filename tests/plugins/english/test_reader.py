"""Phonemes of the real front end in text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from wyoming_kokoro import embed_ipa
from wyoming_kokoro.model.vocabulary import VOCABULARY

Read = Callable[[str, str], str]

AMERICAN = [
    ("Turned on the kitchen lights.", "tˈɜɹnd ˌɔn ðə kˈɪʧᵊn lˈIts."),
    ("the office, the lamp", "ði ˈɔfəs, ðə lˈæmp"),
    ("to 8 lamps, to 45, to open it, go to", "tʊ ˈAt lˈæmps, tə fˈɔɹTi fˈIv, tʊ ˈOpᵊn ɪt, ɡˌO tu"),
    ("A lamp", "ɐ lˈæmp"),
    ("I am.", "ˌI æm."),
    ("Please record the record.", "plˈiz ɹəkˈɔɹd ðə ɹˈɛkəɹd."),
    ("Close the blinds, we are close.", "klˈOz ðə blˈIndz, wi ɑɹ klˈOs."),
    ("I have read it", "ˌI hæv ɹˈɛd ɪt"),
    ("I used to use it, it is used to heat", "ˌI jˈust tə jˈuz ɪt, ɪt ɪz jˈuzd tə hˈit"),
    ("The kitchen's dehumidifier", "ðə kˈɪʧᵊnz dˌihjumˈɪdəfˌIəɹ"),
    ("the kitchen’s", "ðə kˈɪʧᵊnz"),
    ("notified dimming dimmed", "nˈOTəfˌId dˈɪmɪŋ dˈɪmd"),
    ("a button", "ɐ bˈʌtn"),
    ("part-time", "pˌɑɹttˈIm"),
    ("A", "ˈA"),
    ("Vitamin A.", "vˈITəmən ˈA."),
    ("L E D on, the E V", "ˌɛlˌidˈi ˌɔn, ði ˌivˈi"),
    ("two L E D's", "tˈu ˌɛlˌidˈiz"),
    ("eh Q I, Plan B I like", "ˌAkjˌuˈI, plˈæn bˈi ˌI lˈIk"),
    ("IKEA, HVAC, 5 mm, Mm", "Ikˈiə, ˈAʧvˌæk, fˈIv mˈɪləmˌiTəɹz, m"),
    ("Goooood, sooo looong!", "ɡˈʊd, sˌO lˈɔŋ!"),
    ("10 AM, I AM", "tˈɛn ˌAˈɛm, ˌI æm"),
    ("Siobhan's résumé", "ʃəvˈɔnz ɹˈɛzəmˌA"),
    ("Resumed", "ɹəzˈumd"),
    ("A lead pipe leads", "ɐ lˈɛd pˈIp lˈidz"),
    ("café's naïve façade", "kæfˈAz nɑˈiv fəsˈɑd"),
    ("James' dogs' rock 'n' roll", "ʤˈAmz dˈɔɡz ɹˈɑk ænd ɹˈOl"),
    ("the 'best' one", "ðə bˈɛst wˈʌn"),
    ('He said "go" and left (the “time”).', "hˌi sˈɛd “ɡˌO” ænd lˈɛft (ðə “tˈIm”)."),
    ("Angela's scissors, Zoe and the Nikes", "ˈænʤələz sˈɪzəɹz, zˈOi ænd ðə nˈIkiz"),
    ("Wait… yes! No? One: two; x", "wˈAt… jˈɛs! nˈO? wˈʌn: tˈu; ˈɛks"),
]

BRITISH = [
    ("Turned on the kitchen lights.", "tˈɜːnd ˌɒn ðə kˈɪʧɪn lˈIts."),
    ("I used to go", "ˌI jˈuːst tə ɡˌQ"),
    ("rescheduled", "ɹˌiːʃˈɛdjuːld"),
    ("better water", "bˈɛtə wˈɔːtə"),
    ("IKEA, HVAC, mm", "Ikˈiə, ˈAʧvˌak, mˈɪlɪmˌiːtəz"),
    ("Siobhan's résumé", "ʃɪvˈɔːnz ɹˈɛzjʊmˌA"),
    ("Resumed", "ɹɪzjˈuːmd"),
    ("a lead pipe", "ɐ lˈɛd pˈIp"),
    ("The batteries are low.", "ðə bˈatəɹiz ɑː lˈQ."),
    ("three tours", "θɹˈiː tˈʊəz"),
    ("August", "ˈɔːɡəst"),
]


@pytest.mark.parametrize(("text", "expected"), AMERICAN)
def test_american_text_is_read(read: Read, text: str, expected: str) -> None:
    assert read("en-US", text) == expected


@pytest.mark.parametrize(("text", "expected"), BRITISH)
def test_british_text_is_read(read: Read, text: str, expected: str) -> None:
    assert read("en-GB", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Meross lamp", "ðə Meross lˈæmp"),
        ("the Arlo lamp", "ði Arlo lˈæmp"),
        ("Meross's", "Meross's"),
        ("日本 today", "日本 tədˈA"),
        ("日本", "日本"),
    ],
)
def test_unknown_words_are_left_to_espeak(read: Read, text: str, expected: str) -> None:
    assert read("en-US", text) == expected


@pytest.mark.parametrize(
    "text", ["", " ", "?!", "…", "’", "\ue001", "b\ue001 ə", "²m", "9" * 40, "½", "x@y", "a.b_c", "$"]
)
def test_odd_text_is_read_without_error(read: Read, text: str) -> None:
    read("en-US", text)


@pytest.mark.parametrize(
    ("before", "ipa", "after", "expected"),
    [
        ("the ", "ˈæpᵊl", " is a record", "ði ˈæpᵊl ɪz ɐ ɹˈɛkəɹd"),
        ("go to ", "kˈOkəɹO", ".", "ɡˌO tə kˈOkəɹO."),
        ("a ", "ɾɾʔə", "", "ɐ ɾɾʔə"),
        ("the “", "ˈæp lˈæmp", "”, the (", "ði “ˈæp lˈæmp”, ðə ("),
        ("", "kˈOk", "-lamp", "kˈOk lˈæmp"),
        ("the old-", "kˈOk", "", "ði ˈOld kˈOk"),
    ],
)
def test_embedded_ipa_is_unchanged_and_counts_as_context(
    read: Read, before: str, ipa: str, after: str, expected: str
) -> None:
    assert read("en-US", f"{before}{embed_ipa(ipa)}{after}") == expected


@pytest.mark.parametrize("language", ["en-US", "en-GB"])
def test_vocabulary_has_every_symbol(read: Read, language: str) -> None:
    text = "Quick brown fox over the lazy dog; choir, hour, cure, genres, thirty-third, measure, vision, I'm, boy, now."
    assert set(read(language, text)) <= set(VOCABULARY)
