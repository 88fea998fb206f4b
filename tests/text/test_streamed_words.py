"""What is promised about streamed text, through filters and phonemizer.

Where only complete sentences are taken, the deltas do not matter: the phonemes are the same. A clause that is spoken
early, or the opening of a long sentence, depends on when text comes and how much is left to play; there the promise is
that the same words are said in the same order. Their melody, and pauses between them, may differ.
"""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.text_filters import filter_text
from wyoming_kokoro import Phonemizer, PluginContext
from wyoming_kokoro.text.early_split import split_long
from wyoming_kokoro.text.segmenter import Segment, Segmenter
from wyoming_kokoro_espeak import EspeakPlugin

SENTENCES = (
    "The forecast for today is **mostly sunny**, with a high of 21.5 °C and winds of 12 km/h.",
    (
        "See [the manual, part 2](https://example.com/a_(b)?c=1), or ask [Anna](mailto:anna@example.com) about "
        "`light.hall`."
    ),
    "On January 3rd, 2026, at 6:31 PM, Dr. Smith paid $5.50, i.e. €5, for 1,000 bulbs, e.g. LEDs.",
    "- **Kitchen:** 21 °C, -5 °C outside 🌤️\n- Hall: 18–21 °C, 45 %\n- Attic, upstairs: off\n",
    "| Room, floor | Value |\n|---|---:|\n| Kitchen, 1st | 21.5 °C |\n| Hall, 2nd | 45 % |\n",
    "```yaml\nlight:\n  - platform: mqtt, and more\n```\n",
    "Tom &amp; Jerry are at home; *really, they are*, ~~or not, maybe~~ in the U.S. now.",
    "# Weather, today\nIt was 1,013.2 hPa in 1756, 2006 and (1905), from 1990 to 1995, in the 1990s.",
    ('<a href="https://example.com/a,b" title="A, b">Here, there</a> and <b>bold, too</b><br/>done.<|endoftext|>'),
    "Call 555-1234, or +1 555 123 4567; the server is 192.168.1.5, and the version is 2026.11.0.",
    "He said: “Turn it off, please.” (And so, in the end, it was.) Wait... what?! No. 5 is on, Light A, too.",
    ("From 5 to 10 °C, 1/2 cup, 2 1/2 cups, 3 x 4, #3, on/off, World War II, Henry VIII, 10x, 5'11\" and 3 in, too."),
    (
        "This goes on without any pause for quite a while because the speaker wants to tell about all the 27 "
        "lamps that are on in the house and the 3.5 kWh that they have used since January 2026 or so they say at "
        "6:31 PM today"
    ),
)
"""What language models write, with a comma wherever one may hurt."""
TEXTS = (
    st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=3)
    .map(" ".join)
    .map(lambda text: text.replace("\n ", "\n"))
)
PLACES = st.lists(st.integers(0, 10_000))


@pytest.fixture(scope="module")
def phonemizer(tmp_path_factory: pytest.TempPathFactory) -> Phonemizer:
    folder = tmp_path_factory.mktemp("espeak")
    found = EspeakPlugin(PluginContext("espeak", folder, folder, logging.getLogger("espeak"))).kokoro_phonemizer(
        "en-US"
    )
    assert found
    return found


def cut(text: str, places: list[int]) -> list[str]:
    edges = sorted({0, len(text), *(place % (len(text) + 1) for place in places)})
    return [text[start:end] for start, end in itertools.pairwise(edges)]


def early(segmenter: Segmenter) -> Segment | None:
    """Take what can be spoken to somebody who would wait otherwise."""
    return segmenter.take_clause() or segmenter.take_split()


def segments(deltas: list[str], pull: Callable[[Segmenter], Segment | None]) -> list[str]:
    """Return the texts of the segments of `deltas`, pulled in one way after each."""
    segmenter = Segmenter()
    found: list[Segment] = []
    for delta in deltas:
        segmenter.feed(delta)
        found += iter(partial(pull, segmenter), None)
    segmenter.finish()
    return [segment.text for segment in [*found, *iter(segmenter.take_sentence, None)]]


def opened(segment: str) -> list[str]:
    """Return a segment as it is spoken to somebody who would wait otherwise."""
    parts = split_long(segment, "en-US")
    return [parts.opening, parts.rest] if parts else [segment]


def words(texts: list[str]) -> list[str]:
    """Return the words that are said, without the marks between them."""
    return re.findall(r"[\w'’.-]*\w", " ".join(filter_text(text) for text in texts))


@given(TEXTS, PLACES)
@settings(max_examples=50)
def test_sentences_have_the_same_phonemes(phonemizer: Phonemizer, text: str, places: list[int]) -> None:
    """However a text is cut into deltas, its sentences give the same phonemes in the same order."""
    whole = [phonemizer.phonemize(filter_text(segment)) for segment in segments([text], Segmenter.take_sentence)]
    assert [
        phonemizer.phonemize(filter_text(segment)) for segment in segments(cut(text, places), Segmenter.take_sentence)
    ] == whole


@given(TEXTS, PLACES)
@settings(max_examples=200)
def test_clauses_say_the_same_words(text: str, places: list[int]) -> None:
    """Whatever is spoken early, and whenever text comes, the same words are said in the same order."""
    assert words(segments(cut(text, places), early)) == words(segments([text], Segmenter.take_sentence))


@given(TEXTS, PLACES)
def test_pauses_say_the_same_words(text: str, places: list[int]) -> None:
    """Nor does a pause change them, but that somebody who pauses behind `No.` has said no, even if a number follows."""
    text = text.replace("No. 5", "Lamp 5")
    assert words(segments(cut(text, places), Segmenter.take_on_pause)) == words(
        segments([text], Segmenter.take_sentence)
    )


@pytest.mark.parametrize("text", SENTENCES)
def test_letter_by_letter(text: str) -> None:
    """A text that trickles in, of which every clause and every breath is taken at once, says the same words."""
    assert words(segments(list(text), early)) == words(segments([text], Segmenter.take_sentence))


@given(TEXTS)
def test_openings_say_the_same_words(text: str) -> None:
    """A long sentence that is cut for its length says the same words."""
    whole = segments([text], Segmenter.take_sentence)
    assert words([piece for segment in whole for piece in opened(segment)]) == words(whole)
