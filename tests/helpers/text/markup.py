"""Reads texts with markup, in a small catalog of voices."""

from __future__ import annotations

from collections.abc import Iterable

from wyoming_kokoro.config import Config, MarkupConfig
from wyoming_kokoro.markup.interpreter import VoiceFinder
from wyoming_kokoro.markup.segmenter import StyledSegment
from wyoming_kokoro.markup.stream import MarkupStream
from wyoming_kokoro.markup.style import Style
from wyoming_kokoro.speech.voice_catalog import VoiceCatalog
from wyoming_kokoro.types import Voice

HEART = Voice("af_heart", "en-US", "Heart")
VOICES = (HEART, Voice("bf_emma", "en-GB", "Emma"), Voice("ef_dora", "es", "Dora"))
LANGUAGES = ("en-US", "en-GB", "es")


def markup_stream(text_format: str | None = None, *, tags: bool = True, ssml: bool = True) -> MarkupStream:
    catalog = VoiceCatalog(VOICES, LANGUAGES, Config())
    finder = VoiceFinder(catalog.find_voice, catalog.find_language)
    return MarkupStream(Style(HEART), finder, MarkupConfig(tags, ssml), text_format)


def styled_segments(
    deltas: Iterable[str], text_format: str | None = None, *, tags: bool = True, ssml: bool = True
) -> list[StyledSegment]:
    """Return the segments of a streaming text, which are taken as soon as they are certain."""
    stream = markup_stream(text_format, tags=tags, ssml=ssml)
    found: list[StyledSegment] = []
    for delta in deltas:
        stream.feed(delta)
        found += iter(stream.segmenter.take_sentence, None)
    stream.finish()
    found += iter(stream.segmenter.take_sentence, None)
    assert stream.segmenter.is_finished
    return found


def describe(segments: Iterable[StyledSegment]) -> str:
    """Return segments for a comparison: `The|{x0.9}kind|(800)` has a slow segment and a pause of 800 ms."""
    return "|".join(map(_describe, segments))


def _describe(segment: StyledSegment) -> str:
    style = segment.style
    if not segment.text:
        return f"({segment.ending if segment.pause_ms is None else segment.pause_ms})"
    changes = [
        style.base.name if style.base != HEART else "",
        style.language,
        f"x{style.speed:g}" if style.speed != 1 else "",
        f"v{style.volume:g}" if style.volume != 1 else "",
    ]
    changed = " ".join(filter(None, changes))
    return (f"{{{changed}}}" if changed else "") + segment.text
