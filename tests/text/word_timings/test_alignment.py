from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro.text.word_timings.alignment import align_words, is_spoken, split_words


def parts(words: list[str], phonemes: str) -> list[str]:
    return [phonemes[begin:end].strip() for begin, end in align_words(words, phonemes)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It's 21.3 °C.", ["It's", "21.3", "°C."]),
        ("  the  door — open ", ["the", "door", "—", "open"]),
        ("你好，世界。", ["你", "好，", "世", "界。"]),
        ("", []),
    ],
)
def test_text_is_split_at_spaces_and_between_ideographs(text: str, words: list[str]) -> None:
    assert split_words(text) == words


def test_word_of_punctuation_is_not_spoken() -> None:
    assert [word for word in ("—", "...", "&", "°C", "3", "hi") if any(map(is_spoken, word))] == ["&", "°C", "3", "hi"]


def test_equal_words_get_their_own_phonemes() -> None:
    assert parts(["ðə", "dˈɔɹ", "ænd", "ðə", "lˈIt."], "ðə dˈɔɹ ænd ðə lˈIt.") == ["ðə", "dˈɔɹ", "ænd", "ðə", "lˈIt."]


def test_word_that_sounds_different_in_the_sentence_keeps_its_place() -> None:
    """`a` alone is a letter, and `read` depends on what is before it."""
    assert parts(["hi", "ɹˈid", "ˈA", "bˈʊk"], "hi ɹˈɛd ɐ bˈʊk") == ["hi", "ɹˈɛd", "ɐ", "bˈʊk"]


def test_expanded_number_belongs_to_its_word() -> None:
    words = ["wʌz", "twˈɛnti wˈʌn pYnt θɹˈi", "dəɡɹˈiz sˈɛlsiəs"]
    assert parts(words, "wʌz twˈɛntiwˈʌn pYnt θɹˈi dəɡɹˈiz sˈɛlsiəs.") == [
        "wʌz",
        "twˈɛntiwˈʌn pYnt θɹˈi",
        "dəɡɹˈiz sˈɛlsiəs.",
    ]


def test_word_without_phonemes_gets_an_empty_part() -> None:
    assert parts(["hi", "", "ðɛɹ"], "hi ðɛɹ") == ["hi", "", "ðɛɹ"]


@given(st.lists(st.text("abc ˈ.", max_size=6), max_size=8), st.text("abc ˈ.", max_size=40))
def test_parts_cover_the_phonemes_in_order(words: list[str], phonemes: str) -> None:
    spans = align_words(words, phonemes)
    assert len(spans) == len(words)
    if spans:
        assert spans[0][0] == 0
        assert spans[-1][1] == len(phonemes)
        assert all(end == begin for (_, end), (begin, _) in pairwise(spans))
        assert all(begin <= end for begin, end in spans)
