from __future__ import annotations

import pytest

from wyoming_kokoro_misaki.accents import ACCENTS


@pytest.mark.parametrize(
    ("language", "stem", "s", "ed", "ing"),
    [
        ("en-US", "wˈAt", "wˈAts", "wˈAɾᵻd", "wˈAɾɪŋ"),
        ("en-US", "ɹˈʌʃ", "ɹˈʌʃᵻz", "ɹˈʌʃt", "ɹˈʌʃɪŋ"),
        ("en-US", "ˈæd", "ˈædz", "ˈædᵻd", "ˈædɪŋ"),
        ("en-GB", "wˈAt", "wˈAts", "wˈAtɪd", "wˈAtɪŋ"),
        ("en-GB", "stˈɔː", "stˈɔːz", "stˈɔːd", "stˈɔːɹɪŋ"),
    ],
)
def test_endings_are_joined_as_in_the_accent(language: str, stem: str, s: str, ed: str, ing: str) -> None:
    accent = ACCENTS[language]
    assert (accent.add_s(stem), accent.add_ed(stem), accent.add_ing(stem)) == (s, ed, ing)
