"""What is likely to come is what comes, when the text goes on as it most likely does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro.text.segmenter import Segment, Segmenter

PLAIN = ("the", "lamp,", "is", "on", "at", "no.", "21.5", "°C", "e.g.", "Dr.", "3", "U.S.", "**now**", "[a](/b/)")
WORDS = st.lists(st.sampled_from(PLAIN), min_size=1)
ENDINGS = st.sampled_from([".", "!", "?", "…", '."', ".)", ".**", "...", "!?"])


def pending(*texts: str) -> Segmenter:
    """Return a segmenter that has nothing to take of `texts`."""
    segmenter = Segmenter()
    for text in texts:
        segmenter.feed(text)
        while segmenter.take_sentence():
            pass
    return segmenter


@given(st.lists(st.tuples(WORDS, ENDINGS), min_size=1, max_size=3), st.sampled_from([" And", " It", "\n\nThen"]))
def test_a_likely_sentence_is_taken_when_another_follows(sentences: list[tuple[list[str], str]], more: str) -> None:
    segmenter = pending(*(f" {' '.join(words)}{ending}" for words, ending in sentences))
    likely = segmenter.predict_next()
    segmenter.feed(f"{more} was")
    if likely:
        taken = segmenter.take_sentence()
        assert taken is not None
        assert taken.text == likely.text


@pytest.mark.parametrize("text", ["Sure, I can.", "Is it on?", "It is **on**.", 'He said "no."', "  It is 21 °C. "])
def test_what_reads_as_finished_is_likely(text: str) -> None:
    segmenter = pending(text.rstrip())
    assert segmenter.predict_next() == Segment(text.strip(), "sentence")
    assert segmenter.predict_next() is not None, "asking takes nothing"


@pytest.mark.parametrize(
    "text", ["", " ", "It is", "It is 21.", "Ask Dr.", "See example.com.", "It is on,", "e.g.", "At 10:"]
)
def test_nothing_is_likely_of_what_may_go_on(text: str) -> None:
    assert pending(text).predict_next() is None


@pytest.mark.parametrize("more", ["\n\n1. **Mix** flour", "\n- flour", " flour and milk"])
def test_what_introduces_a_list_is_likely(more: str) -> None:
    segmenter = pending("You will need this:")
    likely = segmenter.predict_next()
    segmenter.feed(more)
    taken = segmenter.take_clause()
    assert likely is not None
    assert taken is not None
    assert taken.text == likely.text == "You will need this:"
