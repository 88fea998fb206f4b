"""Where the segmenter cuts streaming text."""

from __future__ import annotations

import itertools
import pickle
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.executed_lines import count_executed_lines
from tests.helpers.text.segmentation import divide, segments, take_all
from wyoming_kokoro.text.segmenter import MAX_CHARACTERS, Segment, Segmenter

UNITS = re.findall(
    r"[^ ]+",
    "3.14 1.000,5 6:31 6.30 18:30 Dr. Mr. e.g. i.e. U.S. p.m. etc. 1,000 J. R. I is the lamp. on, yes!"
    " why? so; then: — – 5 21. 5, 1. - # ## \n \n\n … ... (ok)"
    " “Hi.” No. St. example.com 好。 今天， नमस्ते। 🎉 **b** `c [d](e) x",
)
TEXTS = st.lists(st.sampled_from(UNITS)).map(" ".join) | st.text(
    alphabet=st.sampled_from(list("aI1.,:;!?…\n -—。，।”)#*`<>[](")) | st.characters(codec="utf-8"), max_size=80
)
POSITIONS = st.lists(st.integers(0, 10_000))
TAKES = st.lists(st.sampled_from([Segmenter.take_sentence, Segmenter.take_early, Segmenter.take_on_pause]), min_size=1)


def fed(*deltas: str) -> Segmenter:
    """Return a segmenter without a complete sentence to take."""
    segmenter = Segmenter()
    for delta in deltas:
        segmenter.feed(delta)
        take_all(segmenter)
    return segmenter


def texts(text: str, language: str = "en-US") -> list[str]:
    return [segment.text for segment in segments([text], language)]


@pytest.mark.parametrize(
    "text",
    [
        "One.|Two!|Three?|Four…|Five",
        "lower case.|then more.|5 lamps.|“Quoted.”|(Bracketed.)|**Bold.**|End",
        "Really?!|Yes.",
        "It rained.[1][2]|Then it stopped.[^3]|See [1].|End",
        "Wait...|what?",
        "Is it 3.14 or 1.000,5 or 1,000.5?|It is.",
        "At 6:31 PM.|At 6.30 p.m. we go.|At 6 a.m. too",
        "Dr. Smith and Mr. J. R. Jones, e.g. at St. Mary's, i.e. there, etc. and so on.|Yes",
        "In the U.S. and the U.K. it is so.|Ph.D. students know",
        "In 5 min. please leave.|A 20 oz. steak, 5 lbs. of beef, 30mi. away.|It takes 5 min.|Then go.|Come in.|please",
        "A 30-min. walk starts now.|It is a 30-min.|Then go",
        "The temp. is 20 at Elm Ln. and the bldg. is open.|Check the temp.|It is low",
        "No. 5 is alive.|No.|I do not think so",
        "In 5 min. please leave.|It takes 20 min.|The oven is hot.|Add 6 oz. of milk",
        "on Jan. 5 it rained.|He ran.|Then sat.|Done",
        "from Oct. 30-Nov. 2 it rained.|Done",
        "So am I.|And you?",
        "See https://example.com/a?b=1 or mail me@example.com or 192.168.1.5.|Then example.com.|Done",
        "1. Milk\n|2. Eggs\n|3. Bread",
        "Steps: 1. Open it.|2. Close it.",
        "It was in 1984.|Then",
        "It is 21.|Then 22.|Good",
        "Here is the list:\n|- milk, bread\n|- eggs\n|Done",
        "# Weather\n|It is sunny\nand warm",
        "One line\nanother line",
        "Ready.\n|Steady\n\n|Go",
        "Your shopping list:\n|Milk\n|Eggs",
        "Your shopping list:\n|milk\n|2 eggs\n|oat milk",
        "milk\n|eggs",
        "**Ingredients**\n|2 eggs\n|flour",
        "The temperature is\n21\ndegrees",
        "The forecast for today and for the next days is\nsunny and warm",
        "The hall lamp is on now, and I think that maybe\nI can turn it off",
        "The door is open\n|The lamp has been on since yesterday evening\n|Anna is away",
        "✅ The lamp is on\n|❌ the fan is off\n|● a door\n|‣ b\n|– c",
        "Do this:\n|a) open it\n|(b) close it\n|ii. ask\n|iii. wait",
        "Weather\n|=====\n|It is sunny",
        "买东西：\n|牛奶\n|鸡蛋",
        "A <a\nhref='https://example.com'>link</a>",
        "See [it][1].\n\n|[1]: https://example.com\n|It is on.",
        "At 6 p.m.\n|Next line",
        "Great!|😊 Thanks",
        "Open from 10 a.m. to 5 p.m. on weekdays.|Version 2026.11.0 is out.|Then v2.5.2.|Done",
        "He said: “Turn it off.”|Then 'no.'|(Really?)|Yes",
        "1) Milk\n|2) Eggs\n|* Bread\n|+ Salt",
        "Well…|maybe.|Hm...|then 3.5 million.|It is $5.|Good",
        "你好。|今天很好！|是吗？|是",
        "他说：“好。”|然后3.5度，真的。|「はい。」|次",
        "तापमान 21.5 °C है।|शर्मा आए॥|ठीक",
        "नमस्ते।|कैसे हैं।|ठीक",
    ],
)
def test_sentences_end_at_the_bars(text: str) -> None:
    unmarked = re.sub(r"(?<=[。！？।])\|", "", text).replace("|", " ")
    assert texts(unmarked) == [" ".join(part.split()) for part in text.split("|")]


def test_emoji_after_a_sentence_mark_ends_the_sentence() -> None:
    assert texts("Great!😊 Thanks") == ["Great!", "😊 Thanks"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Done. ", "Done."),
        ("Done.", None),
        ("Done.\n", None),
        ("Done.\nN", "Done."),
        ("“Done.” ", "“Done.”"),
        ("It is 21. ", "It is 21."),
        ("No. ", None),
        ("No. I", "No."),
        ("Dr. ", None),
        ("好。", None),
        ("好。是", "好。"),
    ],
)
def test_sentence_end_is_certain_after_whitespace(text: str, sentence: str | None) -> None:
    segmenter = Segmenter()
    segmenter.feed(text)
    segment = segmenter.take_sentence()
    assert (segment.text if segment else None) == sentence


@pytest.mark.parametrize(
    ("text", "endings"),
    [
        ("One. Two.", ["sentence", "sentence"]),
        ("One.\n\nTwo", ["paragraph", "sentence"]),
        ("One\n \t\nTwo", ["paragraph", "sentence"]),
        ("One.\nTwo", ["sentence", "sentence"]),
    ],
)
def test_blank_line_ends_a_paragraph(text: str, endings: list[str]) -> None:
    assert [segment.ending for segment in segments([text])] == endings


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("Turn on the light, then", "Turn on the light,"),
        ("Sure, I can", None),
        ("Certainly, I can", "Certainly,"),
        ("Oh yes, I can", "Oh yes,"),
        ("I can: it is easy; and then", "I can: it is easy;"),
        ("It is ready — now", "It is ready —"),
        ("The channels 1, 2, 3 are", None),
        ("It is 1,000 or 18:30 or 5 – 10 now", None),
        ("Turn on the light,", "Turn on the light,"),
        ("Turn on the *light*,", "Turn on the *light*,"),
        ("It is on the 3rd,", None),
        ("It is Tom &amp;", None),
        ("It is that, i.e.,", "It is that,"),
        ("The channels 1, ", None),
        ("On January 3rd, 2026 it", None),
        ("On January 3rd, ", None),
        ("On January 3rd, we", "On January 3rd,"),
        ("The shop of Tom &amp; Jerry is", None),
        ("The shop of Tom & Jerry; is", "The shop of Tom & Jerry;"),
        ("今天天气很好，真", "今天天气很好，"),
    ],
)
def test_complete_clauses_are_taken_early(text: str, clause: str | None) -> None:
    segmenter = Segmenter()
    segmenter.feed(text)
    segment = segmenter.take_early()
    assert (segment.text if segment else None) == clause
    assert segment is None or segment.ending == "clause"


def test_two_words_are_enough_only_for_the_first_clause() -> None:
    segmenter = Segmenter()
    segmenter.feed("Done it. Oh yes, I ")
    assert segmenter.take_early() == Segment("Done it.", "sentence")
    assert segmenter.take_early() is None


@pytest.mark.parametrize(
    ("text", "finished"),
    [
        ("Turned it on.", True),
        ("Really?!", True),
        ("“Yes.”", True),
        ("Turned it on", False),
        ("It is 21.", False),
        ("It is 21. ", True),
        ("Dr.", False),
        ("e.g.", False),
        ("No.", True),
        ("1. ", False),
        ("see www.example.com.", False),
        ("好。", True),
        ("", False),
    ],
)
def test_pause_after_a_probable_sentence_end_ends_the_sentence(text: str, finished: bool) -> None:
    segmenter = Segmenter()
    segmenter.feed(text)
    segment = segmenter.take_on_pause()
    assert (segment is not None and segment.text == text.strip()) == finished


def test_finish_releases_the_rest_and_ignores_later_text() -> None:
    segmenter = Segmenter()
    segmenter.feed("It is")
    assert segmenter.take_sentence() is None
    segmenter.finish()
    segmenter.feed(" too late")
    assert not segmenter.is_finished
    assert segmenter.take_sentence() == Segment("It is", "sentence")
    assert segmenter.take_sentence() is None
    assert segmenter.is_finished


def test_each_language_has_its_own_abbreviations() -> None:
    assert texts("La Sra. Ruiz llega. Bien", "es") == ["La Sra. Ruiz llega.", "Bien"]
    assert texts("La Sra. Ruiz", "en-US") == ["La Sra.", "Ruiz"]
    assert texts("डॉ. शर्मा आए। ठीक", "hi") == ["डॉ. शर्मा आए।", "ठीक"]


@pytest.mark.parametrize("text", ["word " * 300, "x" * 1000, "many words, " * 100])
def test_text_without_sentence_end_is_cut_at_a_clause_or_word_or_anywhere(text: str) -> None:
    found = segments([text])
    assert all(len(segment.text) <= MAX_CHARACTERS for segment in found)
    assert all(segment.ending == "clause" for segment in found[:-1])
    assert "".join(segment.text for segment in found).replace(" ", "") == text.replace(" ", "")
    assert {segment.text[-1] for segment in found} == {text.strip()[-1]}


@pytest.mark.parametrize("word", ["21 °C", "Dr. Smith", "6:31 PM", "1 000 km", "No. 5"])
def test_overlong_text_is_not_cut_inside_numbers_and_names(word: str) -> None:
    found = segments([f"it was {word} and " * 60])
    assert len(found) > 1
    assert not any(segment.text.endswith(tuple(word.split()[:-1])) for segment in found)


@given(TEXTS, POSITIONS)
def test_segments_do_not_depend_on_the_deltas(text: str, positions: list[int]) -> None:
    assert segments(divide(text, positions)) == segments([text]) == segments(text)


@given(st.lists(st.sampled_from(["word", "3.14", "a,", "b" * 150, "\n", "Dr."]), min_size=60, max_size=120))
def test_segments_of_overlong_text_do_not_depend_on_the_deltas(words: list[str]) -> None:
    text = " ".join(words)
    assert segments(text) == segments([text]) == segments(divide(text, range(0, 10_000, 37)))


def take_in_turn(deltas: list[str], takes: list[Any]) -> list[str]:
    """Return the texts of the segments when each delta is followed by the next of `takes`."""
    segmenter = Segmenter()
    found = []
    for delta, take in zip(deltas, itertools.cycle(takes), strict=False):
        segmenter.feed(delta)
        found.append(take(segmenter))
    segmenter.finish()
    return [segment.text for segment in [*found, *take_all(segmenter)] if segment]


@given(TEXTS, POSITIONS, TAKES)
def test_no_text_is_lost_or_repeated(text: str, positions: list[int], takes: list[Any]) -> None:
    assert "".join("".join(take_in_turn(divide(text, positions), takes)).split()) == "".join(text.split())


INDIVISIBLE = re.findall(r"\S+", "3.14 1.000,5 6:31 6.30 18:30 Dr. e.g. i.e. U.S. p.m. 1,000 Mrs. 192.168.1.5")


@given(st.lists(st.sampled_from([*INDIVISIBLE, "lamp.", "on,", "yes!", "the", "so:"])), TAKES)
def test_numbers_and_abbreviations_of_single_letters_stay_whole(words: list[str], takes: list[Any]) -> None:
    found = " ".join(take_in_turn(list(" ".join(words)), takes)).split()
    assert [word for word in found if word in INDIVISIBLE] == [word for word in words if word in INDIVISIBLE]


@pytest.mark.parametrize("text", ["Sure, I can.", "Is it on?", "It is **on**.", 'He said "no."', "  It is 21 °C. "])
def test_probable_sentence_is_predicted_without_taking_it(text: str) -> None:
    segmenter = fed(text.rstrip())
    assert segmenter.predict_next() == segmenter.predict_next() == Segment(text.strip(), "sentence")


@pytest.mark.parametrize(
    "text", ["", " ", "It is", "It is 21.", "Ask Dr.", "See example.com.", "It is on,", "e.g.", "At 10:", "It is `on."]
)
def test_unfinished_sentence_is_not_predicted(text: str) -> None:
    assert fed(text).predict_next() is None


@pytest.mark.parametrize("more", ["\n\n1. **Mix** flour", "\n- flour", " flour and milk"])
def test_introduction_of_a_list_is_predicted(more: str) -> None:
    segmenter = fed("You will need this:")
    predicted = segmenter.predict_next()
    segmenter.feed(more)
    taken = segmenter.take_early()
    assert predicted is not None
    assert taken is not None
    assert taken.text == predicted.text == "You will need this:"


PLAIN = ("the", "lamp,", "is", "on", "at", "no.", "21.5", "°C", "e.g.", "Dr.", "3", "U.S.", "**now**", "[a](/b/)")
WORDS = st.lists(st.sampled_from(PLAIN), min_size=1)
ENDINGS = st.sampled_from([".", "!", "?", "…", '."', ".)", ".**", "...", "!?"])


@given(st.lists(st.tuples(WORDS, ENDINGS), min_size=1, max_size=3), st.sampled_from([" And", " It", "\n\nThen"]))
def test_predicted_sentence_is_taken_when_another_follows(sentences: list[tuple[list[str], str]], more: str) -> None:
    segmenter = fed(*(f" {' '.join(words)}{ending}" for words, ending in sentences))
    predicted = segmenter.predict_next()
    segmenter.feed(f"{more} was")
    if predicted:
        taken = segmenter.take_sentence()
        assert taken is not None
        assert taken.text == predicted.text


def feed_letters(segmenter: Segmenter, count: int) -> None:
    for index in range(count):
        segmenter.feed("a, b c"[index % 6])
        segmenter.take_sentence()


def test_work_per_character_is_constant() -> None:
    assert count_executed_lines(lambda: feed_letters(Segmenter(), 4_000)) < 4_000 * 60


def test_memory_does_not_grow_with_the_text() -> None:
    segmenter = Segmenter()
    feed_letters(segmenter, 100_000)
    assert len(pickle.dumps(segmenter)) < len(pickle.dumps(Segmenter())) + 2 * MAX_CHARACTERS
