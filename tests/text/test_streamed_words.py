"""Streamed text is spoken with the same words as complete text.

Sentences do not depend on the deltas, so their phonemes are the same. A clause or an opening that is taken early
depends on the deltas. The words and their order are the same, but their melody and the pauses between them may differ.
"""

from __future__ import annotations

import logging
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.helpers.text.segmentation import Take, divide, segments, take_all
from tests.helpers.text.text_filters import filter_text
from wyoming_kokoro import Phonemizer, PluginContext
from wyoming_kokoro.text.early_split import split_long
from wyoming_kokoro.text.segmenter import Segmenter
from wyoming_kokoro_espeak import EspeakPlugin

LINKS = (
    "See [the manual, part 2](https://example.com/a_(b)?c=1), or ask [Anna](mailto:anna@example.com) about "
    "`light.hall`."
)
CODE = "```yaml\nlight:\n  - platform: mqtt, and more\n```\n"
# Markup as language models write it, with a comma at each place where a clause must not end.
SENTENCES = (
    "The forecast for today is **mostly sunny**, with a high of 21.5 °C and winds of 12 km/h.",
    LINKS,
    "On January 3rd, 2026, at 6:31 PM, Dr. Smith paid $5.50, i.e. €5, for 1,000 bulbs, e.g. LEDs.",
    "- **Kitchen:** 21 °C, -5 °C outside 🌤️\n- Hall: 18–21 °C, 45 %\n- Attic, upstairs: off\n",
    "| Room, floor | Value |\n|---|---:|\n| Kitchen, 1st | 21.5 °C |\n| Hall, 2nd | 45 % |\n",
    CODE,
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
TEXTS = (
    st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=3)
    .map(" ".join)
    .map(lambda text: text.replace("\n ", "\n"))
)
POSITIONS = st.lists(st.integers(0, 10_000))
# Each markup contains marks that end a sentence or a clause in plain text.
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
def phonemizer(tmp_path_factory: pytest.TempPathFactory) -> Phonemizer:
    folder = tmp_path_factory.mktemp("espeak")
    plugin = EspeakPlugin(PluginContext("espeak", folder, folder, logging.getLogger("espeak")))
    found = plugin.kokoro_phonemizer("en-US")
    assert found
    return found


def take_texts(deltas: list[str], take: Take = Segmenter.take_sentence) -> list[str]:
    return [filter_text(segment.text) for segment in segments(deltas, take=take)]


def words(texts: list[str]) -> list[str]:
    """Return the spoken words without the marks between them."""
    return re.findall(r"[\w'’.-]*\w", " ".join(texts))


@given(TEXTS, POSITIONS)
@settings(max_examples=50)
def test_sentences_in_deltas_have_the_same_phonemes(phonemizer: Phonemizer, text: str, positions: list[int]) -> None:
    whole = [phonemizer.phonemize(sentence) for sentence in take_texts([text])]
    assert [phonemizer.phonemize(sentence) for sentence in take_texts(divide(text, positions))] == whole


@given(TEXTS, POSITIONS)
@settings(max_examples=200)
def test_early_segments_have_the_same_words(text: str, positions: list[int]) -> None:
    assert words(take_texts(divide(text, positions), Segmenter.take_early)) == words(take_texts([text]))


@given(TEXTS, POSITIONS)
@example(f"{CODE}{LINKS}", [99])
@example(LINKS, [51])
def test_pauses_do_not_change_the_words(text: str, positions: list[int]) -> None:
    # After a pause, `No.` is a word even if a number follows.
    text = text.replace("No. 5", "Lamp 5")
    assert words(take_texts(divide(text, positions), Segmenter.take_on_pause)) == words(take_texts([text]))


@pytest.mark.parametrize("text", OPEN_MARKUP)
@pytest.mark.parametrize("take", [Segmenter.take_on_pause, Segmenter.take_early])
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
    ],
)
def test_pause_after_complete_markup_ends_the_sentence(text: str) -> None:
    segmenter = Segmenter()
    segmenter.feed(text)
    assert take_all(segmenter, Segmenter.take_on_pause)
    segmenter.finish()
    assert segmenter.is_finished


@pytest.mark.parametrize("text", SENTENCES)
def test_early_segments_of_single_letters_have_the_same_words(text: str) -> None:
    assert words(take_texts(list(text), Segmenter.take_early)) == words(take_texts([text]))


@given(TEXTS)
def test_split_of_a_long_sentence_has_the_same_words(text: str) -> None:
    parts = []
    for segment in segments([text]):
        split = split_long(segment.text, "en-US")
        parts += [split.opening, split.rest] if split else [segment.text]
    assert words([filter_text(part) for part in parts]) == words(take_texts([text]))
