"""Where streamed text is cut."""

from __future__ import annotations

import re

import pytest

from tests.helpers.segmentation import segments
from wyoming_kokoro.text.segmenter import MAX_CHARACTERS, Segment, Segmenter


def texts(text: str, language: str = "en-US") -> list[str]:
    return [segment.text for segment in segments([text], language)]


def first(text: str) -> str | None:
    """Return what can be taken when nothing but `text` has come."""
    segmenter = Segmenter()
    segmenter.feed(text)
    segment = segmenter.take_sentence()
    return segment.text if segment else None


@pytest.mark.parametrize(
    "text",
    [
        "One.|Two!|Three?|Four…|Five",
        "lower case.|then more.|5 lamps.|“Quoted.”|(Bracketed.)|**Bold.**|End",
        "Really?!|Yes.",
        "Wait...|what?",
        "Is it 3.14 or 1.000,5 or 1,000.5?|It is.",
        "At 6:31 PM.|At 6.30 p.m. we go.|At 6 a.m. too",
        "Dr. Smith and Mr. J. R. Jones, e.g. at St. Mary's, i.e. there, etc. and so on.|Yes",
        "In the U.S. and the U.K. it is so.|Ph.D. students know",
        "No. 5 is alive.|No.|I do not think so",
        "on Jan. 5 it rained.|He ran.|Then sat.|Done",
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
def test_sentences(text: str) -> None:
    """Sentences end where a bar is, and nowhere else."""
    unmarked = re.sub(r"(?<=[。！？।])\|", "", text).replace("|", " ")
    assert texts(unmarked) == [" ".join(part.split()) for part in text.split("|")]


def test_emoji_ends_a_sentence() -> None:
    """An emoji right behind the end of a sentence is as good as whitespace."""
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
def test_certainty(text: str, sentence: str | None) -> None:
    """Whitespace makes an end certain at once; without it, a quote or a number may still come."""
    assert first(text) == sentence


@pytest.mark.parametrize(
    ("text", "endings"),
    [
        ("One. Two.", ["sentence", "sentence"]),
        ("One.\n\nTwo", ["paragraph", "sentence"]),
        ("One\n \t\nTwo", ["paragraph", "sentence"]),
        ("One.\nTwo", ["sentence", "sentence"]),
    ],
)
def test_endings(text: str, endings: list[str]) -> None:
    """A blank line ends a paragraph, everything else a sentence."""
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
def test_clauses(text: str, clause: str | None) -> None:
    """The longest run of complete clauses can be had early, but no crumbs and no part of numbers."""
    segmenter = Segmenter()
    segmenter.feed(text)
    segment = segmenter.take_clause()
    assert (segment.text if segment else None) == clause
    assert segment is None or segment.ending == "clause"


def test_later_clauses_are_longer() -> None:
    """Two words are enough only for the first clause."""
    segmenter = Segmenter()
    segmenter.feed("Done it. Oh yes, I ")
    assert segmenter.take_clause() == Segment("Done it.", "sentence")
    assert segmenter.take_clause() is None


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
def test_pauses(text: str, finished: bool) -> None:
    """After a pause, what reads as finished is a sentence; what may go on as one word is not."""
    segmenter = Segmenter()
    segmenter.feed(text)
    segment = segmenter.take_on_pause()
    assert (segment is not None and segment.text == text.strip()) == finished


def test_finish_gives_the_rest() -> None:
    """What is unfinished comes out after the end, and text behind the end is dropped."""
    segmenter = Segmenter()
    segmenter.feed("It is")
    assert segmenter.take_sentence() is None
    segmenter.finish()
    segmenter.feed(" too late")
    assert not segmenter.is_finished
    assert segmenter.take_sentence() == Segment("It is", "sentence")
    assert segmenter.take_sentence() is None
    assert segmenter.is_finished


def test_abbreviations_of_other_languages() -> None:
    """Each language has its own abbreviations."""
    assert texts("La Sra. Ruiz llega. Bien", "es") == ["La Sra. Ruiz llega.", "Bien"]
    assert texts("La Sra. Ruiz", "en-US") == ["La Sra.", "Ruiz"]
    assert texts("डॉ. शर्मा आए। ठीक", "hi") == ["डॉ. शर्मा आए।", "ठीक"]


@pytest.mark.parametrize("text", ["word " * 300, "x" * 1000, "many words, " * 100])
def test_endless_text_is_cut(text: str) -> None:
    """Text without the end of a sentence is cut at a clause, else at a word, else anywhere."""
    found = segments([text])
    assert all(len(segment.text) <= MAX_CHARACTERS for segment in found)
    assert all(segment.ending == "clause" for segment in found[:-1])
    assert "".join(segment.text for segment in found).replace(" ", "") == text.replace(" ", "")
    assert {segment.text[-1] for segment in found} == {text.strip()[-1]}


@pytest.mark.parametrize("word", ["21 °C", "Dr. Smith", "6:31 PM", "1 000 km", "No. 5"])
def test_long_text_is_cut_between_words(word: str) -> None:
    """Where text is cut for its length, nothing that belongs together is."""
    found = segments([f"it was {word} and " * 60])
    assert len(found) > 1
    assert not any(segment.text.endswith(tuple(word.split()[:-1])) for segment in found)
