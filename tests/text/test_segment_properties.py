"""What holds for the segments of any text, however it is cut."""

from __future__ import annotations

import itertools
import pickle
import re
import sys
from types import FrameType
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.segmentation import segments, taken
from wyoming_kokoro.text.segmenter import MAX_CHARACTERS, Segmenter

UNITS = re.findall(
    r"[^ ]+",
    "3.14 1.000,5 6:31 6.30 18:30 Dr. Mr. e.g. i.e. U.S. p.m. etc. 1,000 J. R. I is the lamp. on, yes!"
    " why? so; then: — – 5 21. 5, 1. - # ## \n \n\n … ... (ok)"
    " “Hi.” No. St. example.com 好。 今天， नमस्ते। 🎉 **b** x",
)
TEXTS = st.lists(st.sampled_from(UNITS)).map(" ".join) | st.text(
    alphabet=st.sampled_from(list("aI1.,:;!?…\n -—。，।”)#*")) | st.characters(codec="utf-8"), max_size=80
)


def cut(text: str, places: list[int]) -> list[str]:
    edges = sorted({0, len(text), *(place % (len(text) + 1) for place in places)})
    return [text[start:end] for start, end in itertools.pairwise(edges)]


@given(TEXTS, st.lists(st.integers(0, 10_000)))
def test_deltas_do_not_matter(text: str, places: list[int]) -> None:
    """The same text gives the same segments in the same order, however it is cut on the way."""
    assert segments(cut(text, places)) == segments([text]) == segments(text)


@given(st.lists(st.sampled_from(["word", "3.14", "a,", "b" * 150, "\n", "Dr."]), min_size=60, max_size=120))
def test_deltas_do_not_matter_to_long_text(words: list[str]) -> None:
    """Text that is cut for its length is cut at the same places, however it comes."""
    text = " ".join(words)
    assert segments(text) == segments([text]) == segments(cut(text, list(range(0, 10_000, 37))))


PULLS = st.lists(st.sampled_from(["take_sentence", "take_clause", "take_on_pause"]), min_size=1)


def pulled(deltas: list[str], pulls: list[str]) -> list[str]:
    segmenter = Segmenter()
    found = []
    for index, delta in enumerate(deltas):
        segmenter.feed(delta)
        found.append(getattr(segmenter, pulls[index % len(pulls)])())
    segmenter.finish()
    return [segment.text for segment in [*found, *taken(segmenter)] if segment]


@given(TEXTS, st.lists(st.integers(0, 10_000)), PULLS)
def test_nothing_is_lost_or_repeated(text: str, places: list[int], pulls: list[str]) -> None:
    """Whatever is asked for and when, all the text comes out once, in order."""
    assert "".join("".join(pulled(cut(text, places), pulls)).split()) == "".join(text.split())


WHOLE = re.findall(r"\S+", "3.14 1.000,5 6:31 6.30 18:30 Dr. e.g. i.e. U.S. p.m. 1,000 Mrs. 192.168.1.5")


@given(st.lists(st.sampled_from([*WHOLE, "lamp.", "on,", "yes!", "the", "so:"])), PULLS)
def test_numbers_and_abbreviations_stay_whole(words: list[str], pulls: list[str]) -> None:
    """No number, time or abbreviation is ever split, even when it comes character by character."""
    spoken = " ".join(pulled(list(" ".join(words)), pulls)).split()
    assert [word for word in spoken if word in WHOLE] == [word for word in words if word in WHOLE]


def steps(characters: int) -> int:
    """Count the lines of Python that run while text comes in character by character."""
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    segmenter = Segmenter()
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        for index in range(characters):
            segmenter.feed("a, b c"[index % 6])
            segmenter.take_sentence()
    finally:
        sys.settrace(before)
    return count


def test_nothing_is_scanned_twice() -> None:
    """A character costs the same few steps wherever it comes in a sentence that never ends."""
    assert steps(4_000) < 4_000 * 60


def test_what_is_taken_is_forgotten() -> None:
    """However much has come, only the pending text and a little to look back at is kept and copied."""
    segmenter = Segmenter()
    for index in range(100_000):
        segmenter.feed("a, b c"[index % 6])
        segmenter.take_sentence()
    assert len(pickle.dumps(segmenter)) < 3 * MAX_CHARACTERS
