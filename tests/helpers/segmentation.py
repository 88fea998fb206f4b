"""Everything that a segmenter gives for a text."""

from __future__ import annotations

from collections.abc import Iterable

from wyoming_kokoro.text.segmenter import Segment, Segmenter


def taken(segmenter: Segmenter) -> list[Segment]:
    return list(iter(segmenter.take_sentence, None))


def segments(deltas: Iterable[str], language: str = "en-US") -> list[Segment]:
    segmenter = Segmenter(language)
    found = []
    for delta in deltas:
        segmenter.feed(delta)
        found += taken(segmenter)
    segmenter.finish()
    found += taken(segmenter)
    assert segmenter.is_finished
    return found
