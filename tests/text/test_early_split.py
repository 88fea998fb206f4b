"""Where a long or unfinished sentence is split."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro.text.early_split import (
    MAX_OPENING_CHARACTERS,
    MAX_UNSPLIT_CHARACTERS,
    MIN_OPENING_CHARACTERS,
    MIN_PARTIAL_CHARACTERS,
    split_long,
    split_partial,
)

LONG_ENGLISH = (
    "It will stay dry until the early evening but then a thunderstorm will move in from the west so please"
    " remember to close the windows in the attic"
)


@pytest.mark.parametrize(
    ("sentence", "language", "opening"),
    [
        (LONG_ENGLISH, "en-US", "It will stay dry until the early evening,"),
        ("x" * MAX_UNSPLIT_CHARACTERS, "en-US", None),
        ("x" * 500, "en-US", None),
        ("Word " * 40, "xx", "Word " * 13 + "Word,"),
        (
            "When the doorbell rings, show the camera of the front door on the display and dim the lights.",
            "en-GB",
            None,
        ),
        ("21 °C " * 30, "en-US", None),
        (f"{'Word ' * 10}January 3rd, 2026 " + "3rd, 2026 " * 10, "en-US", "Word " * 9 + "Word,"),
        (f"{'Word ' * 6}at Tom &amp; Jerry, " + "word " * 20, "en-US", "Word " * 6 + "at Tom &amp; Jerry,"),
        (f"{'Word ' * 9}[a long, long link](https://example.com) " + "word " * 20, "en-US", "Word " * 7 + "Word,"),
        (
            (
                "When the front doorbell rings, show the camera of the door on the kitchen display"
                " and dim all the ceiling lamps."
            ),
            "en-GB",
            "When the front doorbell rings,",
        ),
        (
            (
                "Mañana por la mañana lloverá en casi toda la ciudad y por la tarde saldrá el sol"
                " durante unas pocas horas más o menos."
            ),
            "es",
            "Mañana por la mañana lloverá en casi toda la ciudad,",
        ),
    ],
)
def test_long_sentence_is_split_at_its_best_place(sentence: str, language: str, opening: str | None) -> None:
    split = split_long(sentence, language)
    assert (split.opening if split else None) == opening


@given(words=st.lists(st.text("abc,;'. ", min_size=1, max_size=12), min_size=10, max_size=60))
def test_split_keeps_every_word(words: list[str]) -> None:
    sentence = " ".join(" ".join(words).split())
    split = split_long(sentence, "en-US")
    if split is None:
        return
    joined = f"{split.opening.removesuffix(',')} {split.rest}"
    assert joined.replace(",", "").replace(" ", "") == sentence.replace(",", "").replace(" ", "")
    assert MIN_OPENING_CHARACTERS - 1 <= len(split.opening) <= MAX_OPENING_CHARACTERS + 1
    assert split.rest


@pytest.mark.parametrize(
    ("text", "opening"),
    [
        ("The forecast for today is mostly sunny with a high of 24 °C an", "The forecast for today is mostly sunny,"),
        ("Once upon a time there was a small fox who lived at the edge o", "Once upon a time there was a small fox,"),
        ("Once upon a time there was a small fox who lived", None),
        ("I would like to say, if I may, that the weather is rather fine", "I would like to say, if I may,"),
        ("There is **nothing at all to be worried about because of what** is", None),
        ("See [the long page about all of this and what it is all about", None),
        ("Word " * 20, None),
        ("Living room lamp number 21 and 22 are on the ground floor of th", None),
    ],
)
def test_unfinished_sentence_is_split_at_a_pause_or_conjunction(text: str, opening: str | None) -> None:
    split = split_partial(text, "en-US")
    assert (split.opening if split else None) == opening
    assert split is None or text.endswith(split.rest)


def test_short_unfinished_sentence_is_not_split() -> None:
    assert split_partial(LONG_ENGLISH[: MIN_PARTIAL_CHARACTERS - 1], "en-US") is None
    assert split_partial(LONG_ENGLISH[:MIN_PARTIAL_CHARACTERS], "en-US") is not None
