"""Where a long sentence is cut so that its beginning can be spoken at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro.text.opening import LONG, LONGEST, SHORTEST, opening

LONG_ENGLISH = (
    "It will stay dry until the early evening but then a thunderstorm will move in from the west so please"
    " remember to close the windows in the attic"
)


@pytest.mark.parametrize(
    ("sentence", "language", "text"),
    [
        (LONG_ENGLISH, "en-US", "It will stay dry until the early evening,"),
        ("x" * LONG, "en-US", None),
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
def test_openings(sentence: str, language: str, text: str | None) -> None:
    cut = opening(sentence, language)
    assert (cut.text if cut else None) == text


@given(words=st.lists(st.text("abc,;'. ", min_size=1, max_size=12), min_size=10, max_size=60))
def test_nothing_is_lost(words: list[str]) -> None:
    sentence = " ".join(" ".join(words).split())
    cut = opening(sentence, "en-US")
    if cut is None:
        return
    joined = f"{cut.text.removesuffix(',')} {cut.rest}"
    assert joined.replace(",", "").replace(" ", "") == sentence.replace(",", "").replace(" ", "")
    assert SHORTEST - 1 <= len(cut.text) <= LONGEST + 1
    assert cut.rest
