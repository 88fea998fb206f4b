"""Divides texts into deltas and segments."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from functools import partial

from wyoming_kokoro.text.segmenter import Segment, Segmenter

Take = Callable[[Segmenter], Segment | None]


def divide(text: str, positions: Iterable[int]) -> list[str]:
    """Return `text` as deltas that end at `positions`, modulo its length."""
    edges = sorted({0, len(text), *(position % (len(text) + 1) for position in positions)})
    return [text[start:end] for start, end in itertools.pairwise(edges)]


def take_all(segmenter: Segmenter, take: Take = Segmenter.take_sentence) -> list[Segment]:
    return list(iter(partial(take, segmenter), None))


def segments(deltas: Iterable[str], language: str = "en-US", take: Take = Segmenter.take_sentence) -> list[Segment]:
    """Return the segments of a streaming text. `take` takes what it can after each delta."""
    segmenter = Segmenter(language)
    found = []
    for delta in deltas:
        segmenter.feed(delta)
        found += take_all(segmenter, take)
    segmenter.finish()
    found += take_all(segmenter)
    assert segmenter.is_finished
    return found
