"""Sentences whose language is detected."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.text.markup import HEART, LANGUAGES, VOICES
from tests.helpers.text.segmentation import divide
from wyoming_kokoro.config import Config, MarkupConfig
from wyoming_kokoro.markup.interpreter import VoiceFinder
from wyoming_kokoro.markup.segmenter import StyledSegment
from wyoming_kokoro.markup.stream import MarkupStream
from wyoming_kokoro.markup.style import Style
from wyoming_kokoro.speech.voice_catalog import VoiceCatalog

TEXT = "It is warm, mild and dry. Hace sol, calor y viento. [lang:es]It is warm.[/lang] Hace [pause:1s] sol. Hace frío"


def detect(sentence: str, language: str) -> str:
    return "es" if sentence.startswith("Hace") else "en-US" if sentence.startswith("It") else language


def read(deltas: list[str]) -> list[tuple[str, str]]:
    """Return the language and the text of each segment that is taken as early as possible."""
    catalog = VoiceCatalog(VOICES, LANGUAGES, Config())
    finder = VoiceFinder(catalog.find_voice, catalog.find_language, detect)
    stream = MarkupStream(Style(HEART), finder, MarkupConfig())
    found: list[StyledSegment] = []
    for delta in [*deltas, ""]:
        if delta:
            stream.feed(delta)
        else:
            stream.finish()
        found += iter(stream.segmenter.take_early, None)
    return [(segment.style.voice.language, segment.text) for segment in found if segment.text]


EXPECTED = [
    ("en-US", "It is warm, mild and dry."),
    ("es", "Hace sol, calor y viento."),
    ("es", "It is warm."),
    ("en-US", "Hace,"),
    ("en-US", "sol."),
    ("es", "Hace frío"),
]


def test_whole_sentences_are_read_in_their_language_unless_markup_names_one() -> None:
    assert read([TEXT]) == EXPECTED


@given(st.lists(st.integers(0, 10_000)))
def test_detected_language_does_not_depend_on_the_deltas(positions: list[int]) -> None:
    assert read(divide(TEXT, positions)) == EXPECTED


def test_predicted_sentence_has_the_language_of_the_taken_one() -> None:
    stream = MarkupStream(Style(HEART), VoiceFinder(lambda *_: None, lambda *_: None, detect), MarkupConfig())
    stream.feed("Hace sol hoy.")
    assert not stream.segmenter.take_sentence()
    predicted = stream.segmenter.predict_next()
    stream.feed(" It")
    assert predicted
    assert predicted == stream.segmenter.take_sentence()
    assert predicted.style.voice.language == "es"


def test_without_detection_all_text_has_the_language_of_the_voice() -> None:
    stream = MarkupStream(Style(HEART), VoiceFinder(lambda *_: None, lambda *_: None), MarkupConfig())
    stream.feed("Hace sol hoy. It is")
    taken = stream.segmenter.take_sentence()
    assert taken
    assert taken.style.voice == HEART
