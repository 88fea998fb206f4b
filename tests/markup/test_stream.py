"""Properties of all texts with markup: they never fail, and do not depend on the deltas."""

from __future__ import annotations

import itertools
import pickle
import re
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.helpers.executed_lines import count_executed_lines
from tests.helpers.text.markup import describe, markup_stream, styled_segments
from tests.helpers.text.segmentation import divide, segments
from wyoming_kokoro.markup import interpreter
from wyoming_kokoro.markup.segmenter import StyledSegment, StyledSegmenter
from wyoming_kokoro.text.ipa.inline import InlineIpa

TAGS = re.findall(
    r"\S+",
    "[pause:1s] [pause:99s] [rate:0.9] [rate:2] [/rate] [voice:bf_emma] [voice:missing] [/voice] [volume:-6dB]"
    " [/volume] [spell] [/spell] [lang:es] [/lang] [rate:x] [pause: [voice: [spell [/ ] ( ) [a](b) [a](/b/)"
    " [spell](/a/)",
)
ELEMENTS = [
    "<speak>", "</speak>", "<p>", "</p>", "<s>", "</s>", "<break/>", "<break time='1s'/>", '<break strength="none">',
    '<prosody rate="slow" volume="loud">', "<prosody rate='2>", "</prosody>", "<emphasis>", "</emphasis>",
    '<say-as interpret-as="characters">', '<say-as interpret-as="date" format="mdy">', "</say-as>",
    '<sub alias="one > two">', "</sub>", '<phoneme alphabet="ipa" ph="a">', "</phoneme>", '<voice name="bf_emma">',
    "</voice>", '<lang xml:lang="es">', "</lang>", "<mark/>", '<audio src="a">', "</audio>", "<desc>", "</desc>",
    "<!-- a -->", "<!--", "-->", "<![CDATA[", "]]>", "]]", "<?xml?>", "&lt;", "&#65;", "&amp", "<", ">", "&", '"', "'",
    "<a b", "=",
]  # fmt: skip
WORDS = [
    "word",
    "One.",
    "it's",
    "a,",
    " ",
    " ",
    "\n",
    "3.14",
    "Dr.",
    "你好。",
    "“Hi.”",
    "1/25/2026",
    "!",
    "'",
    "(",
    ")",
]
TAGGED = st.lists(st.sampled_from([*TAGS, *WORDS])).map("".join)
SSML = st.lists(st.sampled_from([*ELEMENTS, *WORDS])).map(lambda parts: "<speak>" + "".join(parts))
ANY = st.text(
    alphabet=st.sampled_from(list("<>[]()/:&;\"'=!-? aos1.speak")) | st.characters(codec="utf-8"), max_size=80
)
TEXTS = TAGGED | SSML | ANY | ANY.map("<speak>".__add__)
POSITIONS = st.lists(st.integers(0, 10_000))
PLAIN = st.lists(
    st.sampled_from(
        ["word", "One.", "[a](https://b.c)", "[1]", "[ ]", "[a](/b/)", "\n\n", "<b>", "</b>", "a < b", "[", "]"]
    )
).map(" ".join) | st.text(max_size=80)


@given(TEXTS, POSITIONS)
@settings(max_examples=500)
@example("[voice:bf_emma]n[/voice]''s", [25])
@example("word\n\n[pause:1s]3.14", [6])
@example(f"{'word ' * 80} [rate:2]word", [400, 401])
def test_segments_with_markup_do_not_depend_on_the_deltas(text: str, positions: list[int]) -> None:
    whole = styled_segments([text])
    assert styled_segments(divide(text, positions)) == whole
    assert styled_segments(text) == whole


@pytest.mark.slow
@given(TEXTS, POSITIONS)
@settings(max_examples=10_000)
def test_ten_thousand_markups_do_not_depend_on_the_deltas(text: str, positions: list[int]) -> None:
    """The faster test has fewer examples."""
    assert styled_segments(divide(text, positions)) == styled_segments([text])


@given(PLAIN.filter(lambda text: not text.lstrip("\ufeff \t\n").lower().startswith("<speak")), POSITIONS)
@settings(max_examples=500)
def test_plain_text_has_the_same_segments_as_without_markup(text: str, positions: list[int]) -> None:
    ipa = InlineIpa()
    expected = segments([ipa.feed(text), ipa.flush()])
    found = styled_segments(divide(text, positions))
    assert [(segment.text, segment.ending) for segment in found] == [(item.text, item.ending) for item in expected]


@given(TEXTS, POSITIONS, st.lists(st.sampled_from(["take_sentence", "take_early", "take_on_pause"]), min_size=1))
@settings(max_examples=500)
def test_no_text_is_lost_when_segments_are_taken_early(text: str, positions: list[int], takes: list[str]) -> None:
    def words(found: list[StyledSegment]) -> str:
        return re.sub(r"[\s,]", "", "".join(segment.text for segment in found))

    stream = markup_stream()
    found: list[StyledSegment] = []
    for delta, take in zip(divide(text, positions), itertools.cycle(takes), strict=False):
        stream.feed(delta)
        found += iter(getattr(stream.segmenter, take), None)
        stream.segmenter.predict_next()
    stream.finish()
    found += iter(stream.segmenter.take_sentence, None)
    assert stream.segmenter.is_finished
    # A pause in the text ends a word, after which a sign is no rest of it.
    if "take_on_pause" not in takes:
        assert words(found) == words(styled_segments([text]))


def read_deltas(text: str, step: int) -> None:
    """Take all segments of `text`, which comes in deltas of `step` characters."""
    stream = markup_stream()
    for start in range(0, len(text), step):
        stream.feed(text[start : start + step])
        while stream.segmenter.take_sentence():
            pass
    stream.finish()
    while stream.segmenter.take_sentence():
        pass


ADVERSARIAL = {
    "brackets": "[",
    "tags": "[rate:2]a[/rate] ",
    "open_tags": "[rate:2]",
    "pauses": "[pause:1s]",
    "voices": "[voice:bf_emma]a [voice:af_heart]b ",
    "spelled": "[spell]abc ",
    "partial_tags": "[voice:a",
    "angles": "<speak><",
    "quotes": '<speak><a "',
    "comments": "<speak><!-- ",
    "cdata": "<speak><![CDATA[]]",
    "elements": "<speak><prosody rate='2'>a",
    "silent": "<speak><sub alias='a'>b",
    "entities": "<speak>&amp;&lt",
    "prolog": "<!-- a -->",
    "spaces": " ",
}


@pytest.mark.parametrize("step", [1, 100_000])
@pytest.mark.parametrize("name", ADVERSARIAL)
def test_work_grows_linearly_with_the_text(name: str, step: int) -> None:
    text = ADVERSARIAL[name] * 2000
    short, long = (count_executed_lines(partial(read_deltas, text[:length], step)) for length in (1500, 6000))
    assert long < 6 * short


@pytest.mark.parametrize("name", ADVERSARIAL)
def test_state_does_not_grow_with_the_text(name: str) -> None:
    stream = markup_stream()
    for _ in range(5000):
        stream.feed(ADVERSARIAL[name])
        while stream.segmenter.take_sentence():
            pass
    assert len(pickle.dumps((stream._parser, stream._interpreter))) < 20_000


@pytest.mark.parametrize(
    ("name", "value", "text", "expected"),
    [
        (
            "MAX_DEPTH",
            2,
            "[rate:2]one. [rate:2]two. [rate:0.5]three.[/rate] four.[/rate] five.[/rate] six.",
            "{x2}one.|{x4}two.|{x4}three.|{x4}four.|{x2}five.|six.",
        ),
        ("MAX_ELEMENTS", 1, "[rate:2]one.[/rate] [rate:2]two.[/rate] three.", "{x2}one.|two.|three."),
        ("MAX_PAUSES_MS", 1500, "a.[pause:1s]b.[pause:1s]c.[pause:1s]d.", "a.|(1000)|b.|(500)|c.|(0)|d."),
        ("MAX_SAY_AS_CHARACTERS", 2, "[spell]abc[/spell]", "A, B C"),
        ("MAX_SILENT_CHARACTERS", 2, "<speak><sub alias='x'> abc</sub>", "xbc"),
    ],
)
def test_limits_are_no_errors(monkeypatch: pytest.MonkeyPatch, name: str, value: int, text: str, expected: str) -> None:
    monkeypatch.setattr(interpreter, name, value)
    assert describe(styled_segments([text])) == expected


def test_pause_in_the_text_releases_the_pause_of_the_markup() -> None:
    stream = markup_stream()
    stream.feed("One moment [pause:2s]")
    take: Callable[[], StyledSegment | None] = stream.segmenter.take_on_pause
    assert stream.segmenter.take_sentence() is None
    assert describe(list(iter(take, None))) == "One moment|(2000)"
    stream.feed("done.")
    stream.finish()
    assert describe(list(iter(stream.segmenter.take_sentence, None))) == "done."


def test_text_after_the_end_is_ignored() -> None:
    stream = markup_stream()
    stream.finish()
    stream.feed("[rate:2]too late")
    assert stream.segmenter.is_finished
    assert isinstance(stream.segmenter, StyledSegmenter)
