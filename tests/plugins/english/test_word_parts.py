from __future__ import annotations

from collections.abc import Callable

import pytest

Read = Callable[[str, str], str]


@pytest.mark.parametrize(
    ("word", "american", "british"),
    [
        ("smartplug", "smˈɑɹtplˌʌɡ", "smˈɑːtplʌɡ"),
        ("nightlights", "nˈItlˌIts", "nˈItlIts"),
        ("leakproof", "lˈikpɹˌuf", "lˈiːkpɹuːf"),
        ("unskippable", "ˌʌnskˈɪpəbəl", "ˌʌnskˈɪpəbᵊl"),
        ("glitchless", "ɡlˈɪʧləs", "ɡlˈɪʧləs"),
        ("Sunrooms", "sˈʌnɹˌumz", "sˈʌnɹuːmz"),
    ],
)
def test_unknown_word_with_known_parts_is_read_by_its_parts(read: Read, word: str, american: str, british: str) -> None:
    assert (read("en-US", word), read("en-GB", word)) == (american, british)


@pytest.mark.parametrize("word", ["catflap", "Coldplay", "unx", "xyzlight", "Meross"])
def test_word_without_known_parts_is_left_to_espeak(read: Read, word: str) -> None:
    assert read("en-US", word) == word
