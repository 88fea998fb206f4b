"""Finds the template of sentences that differ only in a name or a number."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

GAP = "…"
# The names of devices and rooms are rarely longer.
MAX_GAP_WORDS = 4
# Longer sentences are skipped, because each word may begin `MAX_GAP_WORDS` gaps.
MAX_WORDS = 16
_WORDS = re.compile(r"\S+")
_END = ".!?"


@dataclass(frozen=True, slots=True)
class SentencePattern:
    """A template, and what filled its gap."""

    text: str
    """The sentence with `GAP` in place of the words that change."""
    count: int
    """The number of sentences that match."""
    fillers: tuple[str, ...]
    """The words in the gap, the most frequent first."""


def find_most_frequent(sentences: Iterable[str]) -> SentencePattern | None:
    """Return the template that matches most of `sentences`, or None if no template has two different fillers."""
    fillers: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for sentence in sentences:
        for before, filler, after in _splits(sentence):
            fillers[before, after][filler] += 1
    changing = {frame: counts for frame, counts in fillers.items() if len(counts) > 1}
    if not changing:
        return None
    (before, after), counts = max(changing.items(), key=lambda item: (item[1].total(), len(" ".join(item[0]))))
    text = " ".join(part for part in (before, GAP, after) if part)
    return SentencePattern(text, counts.total(), tuple(filler for filler, _ in counts.most_common()))


def _splits(sentence: str) -> Iterable[tuple[str, str, str]]:
    """Yield every split of `sentence` into a gap and at least two words around it."""
    words = _WORDS.findall(sentence.rstrip(_END))
    if len(words) > MAX_WORDS:
        return
    for start in range(len(words)):
        for end in range(start + 1, min(start + MAX_GAP_WORDS, len(words)) + 1):
            if len(words) - (end - start) >= 2:
                yield " ".join(words[:start]), " ".join(words[start:end]), " ".join(words[end:])
