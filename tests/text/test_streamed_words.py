"""Streamed text is spoken with the same words as complete text.

Sentences do not depend on the deltas, so their phonemes are the same. A clause or an opening that is taken early, and
a sentence that is taken on a pause, depend on the deltas. Their words, the order and the phonemes of the words are the
same, but the stress and the pauses between them may differ.

Two things are left to chance, because they need text that is still to come. After a pause, `No.` is a word even if a
number follows. Without a household's list of languages, the reader of Chinese characters is chosen for each segment.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.helpers.text.pipelines import open_text_pipeline
from tests.helpers.text.segmentation import divide, segments
from tests.helpers.text.streamed_texts import FRAGMENTS
from tests.helpers.text.text_filters import filter_text
from wyoming_kokoro.config import Config, MarkupConfig
from wyoming_kokoro.markup.interpreter import VoiceFinder
from wyoming_kokoro.markup.segmenter import StyledSegment, StyledSegmenter
from wyoming_kokoro.markup.stream import MarkupStream
from wyoming_kokoro.markup.style import Style
from wyoming_kokoro.text.early_split import split_long
from wyoming_kokoro.text.pipeline import TextPipeline
from wyoming_kokoro.types import Voice

CODE = "```yaml\nlight:\n  - platform: mqtt, and more\n```\n"
LINKS = (
    "See [the manual, part 2](https://example.com/a_(b)?c=1), or ask [Anna](mailto:anna@example.com) about "
    "`light.hall`."
)
POSITIONS = st.lists(st.integers(0, 10_000), max_size=30)
MARKS = re.compile(r"[^\w\U000f0000-\U000fffff]+|[ˈˌ_]+")
"""What may differ between phonemes: stress, punctuation and spaces."""
LANGUAGE_AND_TEXT = st.sampled_from(sorted(FRAGMENTS)).flatmap(
    lambda language: st.tuples(
        st.just(language), st.lists(st.sampled_from(FRAGMENTS[language]), min_size=1, max_size=3).map("".join)
    )
)
Take = Callable[[StyledSegmenter], StyledSegment | None]
EARLY_TAKES = (StyledSegmenter.take_early, StyledSegmenter.take_on_pause)
OPEN_MARKUP = (
    f"{CODE}{LINKS}",
    "```python\nlight.turn_on()! # Done. Now\n\n\nprint('It is on.')\n```\nIt is on.",
    "~~~\nlight.turn_on(name, level)\n~~~\nIt is on.",
    "```\n" + "light.turn_on(), light.turn_off()\n" * 15 + "```\nIt is on.",
    "Use `light.hall` or ``light.hall! or ` light.attic``.",
    "See [the manual. All of it!](https://example.com/a_(b)?c=1) now.",
    "See [the manual](https://example.com/a!b?c=1,d 'Part 2, one. Or two?') now.",
    "See [the manual][manual, part.2] now.\n\n[manual, part.2]: https://example.com/a?b!c 'Part, two.three'",
    "See <https://example.com/a?b!c=1> or https://example.com/a!b?c=1 or www.example.com/a?b=1 now.",
    "See ![the lamp. It is on!](https://example.com/lamp.png?a!b 'A lamp, that is.on') now.",
    "See [![lamp](https://example.com/lamp.png?a=1)](https://example.com/?b=1) now.",
    "It is *on. Really!* It is _on. Really._ It is **on. Really.** It is ***on!***, ~~off. No!~~ and __so on.__",
    "これは*大事。とても！*です、**はい、でも。**",
    '<a href="https://example.com/?a=1" title="It is, yes. on!now">Here. There!</a> and <b>there.</b>',
    '<img alt="It is, so. on!now"/> and <span class="a, b.c">so. On.</span><br/>Done.',
    "It is <!-- hidden, and. so!on, too --> on.",
    "| Room, floor! | Value. |\n|---|---:|\n| Kitchen. Yes, | 21.5 °C! |\n| Hall?a, | 4.|\nDone.",
    "So $x = a.b! + c, d$ and $$y = \\text{a.b!}, z. w$$ hold.",
    "So \\(x = \\vec{a}.b!, c\\) and \\[y = a.b!, c. d\\] hold.",
    "<think>It is on, so. Turn it off.</think>It is off.",
    '<thinking mode="deep, and.long">\nIt is on, so!\nTurn it off.</thinking>It is off.',
    "<|channel, a.b|>It is on.<|end!of.text|>",
    "It rained【4:0†source, a.b】 and【1!source】 poured.",
    "It is {{ states('sensor.hall!a, b') }} degrees.",
    "Ask [Dr. No.](/dˈɑktəɹ nˈO/), please.",
)


@pytest.fixture(scope="module")
def pipeline() -> Iterator[TextPipeline]:
    opened = open_text_pipeline(Config())
    asyncio.run(opened.load("en-US"))
    yield opened
    asyncio.run(opened.close())


def markup_stream(language: str) -> MarkupStream:
    finder = VoiceFinder(lambda *_: None, lambda *_: None)
    return MarkupStream(Style(Voice("voice", language, "Voice")), finder, MarkupConfig())


def take_texts(deltas: list[str], *takes: Take, language: str = "en-US") -> list[str]:
    """Return the texts of the segments of a streaming text. Each delta is followed by all that the next take gives."""
    stream = markup_stream(language)
    found: list[StyledSegment] = []
    for index, delta in enumerate(deltas):
        stream.feed(delta)
        take = takes[index % len(takes)] if takes else StyledSegmenter.take_sentence
        found += iter(partial(take, stream.segmenter), None)
    stream.finish()
    found += iter(stream.segmenter.take_sentence, None)
    assert stream.segmenter.is_finished
    return [segment.text for segment in found if segment.text]


def words(texts: list[str], language: str = "en-US") -> list[str]:
    """Return the spoken words without the marks between them."""
    return re.findall(r"[^\W_]+", " ".join(filter_text(text, language) for text in texts))


def phonemes(pipeline: TextPipeline, texts: list[str], language: str) -> str:
    """Return the phonemes without stress, punctuation and spaces."""

    async def read() -> str:
        return " ".join([await pipeline.phonemize(text, language) for text in texts])

    return MARKS.sub("", asyncio.run(read()))


def check_same_speech(
    pipeline: TextPipeline, language_and_text: tuple[str, str], positions: list[int], takes: tuple[Take, ...]
) -> None:
    language, text = language_and_text
    whole, divided = (
        take_texts([text], language=language),
        take_texts(divide(text, positions), *takes, language=language),
    )
    assert words(divided, language) == words(whole, language)
    assert phonemes(pipeline, divided, language) == phonemes(pipeline, whole, language)


@given(LANGUAGE_AND_TEXT, POSITIONS)
@settings(max_examples=300)
def test_sentences_do_not_depend_on_the_deltas(language_and_text: tuple[str, str], positions: list[int]) -> None:
    language, text = language_and_text
    assert take_texts(divide(text, positions), language=language) == take_texts([text], language=language)


@given(LANGUAGE_AND_TEXT, POSITIONS, st.permutations(EARLY_TAKES).map(tuple))
@settings(max_examples=100)
def test_early_segments_and_pauses_have_the_same_phonemes(
    pipeline: TextPipeline, language_and_text: tuple[str, str], positions: list[int], takes: tuple[Take, ...]
) -> None:
    check_same_speech(pipeline, language_and_text, positions, takes)


@pytest.mark.slow
@given(LANGUAGE_AND_TEXT, POSITIONS, st.permutations(EARLY_TAKES).map(tuple))
@settings(max_examples=5000)
def test_many_early_segments_and_pauses_have_the_same_phonemes(
    pipeline: TextPipeline, language_and_text: tuple[str, str], positions: list[int], takes: tuple[Take, ...]
) -> None:
    check_same_speech(pipeline, language_and_text, positions, takes)


@given(LANGUAGE_AND_TEXT, POSITIONS)
@settings(max_examples=300)
@example(("en-US", f"{CODE}{LINKS}"), [99])
@example(("en-US", f"{CODE}{LINKS}"), [191])
@example(("en-US", LINKS), [51])
def test_pauses_say_the_same_words(language_and_text: tuple[str, str], positions: list[int]) -> None:
    language, text = language_and_text
    divided = take_texts(divide(text, positions), StyledSegmenter.take_on_pause, language=language)
    assert words(divided, language) == words(take_texts([text], language=language), language)


@pytest.mark.parametrize("text", OPEN_MARKUP)
@pytest.mark.parametrize("take", EARLY_TAKES)
def test_segment_does_not_end_inside_open_markup(take: Take, text: str) -> None:
    whole = words(take_texts([text]))
    for position in range(1, len(text)):
        deltas = [text[:position], text[position:]]
        assert words(take_texts(deltas, take)) == whole, deltas
    assert words(take_texts(list(text), take)) == whole


@pytest.mark.parametrize(
    "text",
    [
        "Use `light.hall`, **now**!",
        "<b>It</b> is *on.*",
        "I <3 it!",
        "If a < b, it is on!",
        "2 * 3 is 6!",
        "2*3 is [probably] 6!",
        "The hall_lamp is on.",
        "It costs $5 today.",
        f"{CODE}It is on.",
        "```\n" + "light.on\n\n" * 100 + "```\nIt is on.",
        "This *is never closed.\n\nIt is on.",
        "<think>It asks.</think>It is on.",
    ],
)
def test_pause_after_complete_markup_ends_the_sentence(text: str) -> None:
    stream = markup_stream("en-US")
    stream.feed(text)
    assert list(iter(stream.segmenter.take_on_pause, None))
    stream.finish()
    assert stream.segmenter.is_finished


@pytest.mark.parametrize("language", FRAGMENTS)
def test_early_segments_of_single_letters_have_the_same_words(language: str) -> None:
    for text in FRAGMENTS[language]:
        early = take_texts(list(text), StyledSegmenter.take_early, language=language)
        assert words(early, language) == words(take_texts([text], language=language), language), text


@given(LANGUAGE_AND_TEXT)
def test_split_of_a_long_sentence_has_the_same_words(language_and_text: tuple[str, str]) -> None:
    language, text = language_and_text
    parts = []
    for segment in segments([text], language):
        split = split_long(segment.text, language)
        parts += [split.opening, split.rest] if split else [segment.text]
    whole = [segment.text for segment in segments([text], language)]
    assert words(parts, language) == words(whole, language)
