"""Which sentences are one template with a name or a number that changes, found in what was said."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

GAP = "…"
MAX_GAP_WORDS = 4
"""Words: a name has no more."""
MAX_WORDS = 16
_WORDS = re.compile(r"\S+")
_END = ".!?"


@dataclass(frozen=True, slots=True)
class SentencePattern:
    """A template, as far as it can be told from the sentences that it made."""

    text: str
    """With `GAP` for what changes."""
    count: int
    """How many of the sentences it made."""
    fillers: tuple[str, ...]
    """What stood in the gap, the most frequent first."""


def find_most_frequent(sentences: Iterable[str]) -> SentencePattern | None:
    """Return the template that made most of `sentences`, or None when no two fillers were seen in any.

    The work is linear in the number of sentences; sentences of more than `MOST_WORDS` words are passed over.
    """
    fillers: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for sentence in sentences:
        for before, filler, after in _readings(sentence):
            fillers[before, after][filler] += 1
    changing = {frame: found for frame, found in fillers.items() if len(found) > 1}
    if not changing:
        return None
    (before, after), found = max(changing.items(), key=lambda item: (item[1].total(), len(" ".join(item[0]))))
    text = " ".join(part for part in (before, GAP, after) if part)
    return SentencePattern(text, found.total(), tuple(filler for filler, _ in found.most_common()))


def _readings(sentence: str) -> Iterable[tuple[str, str, str]]:
    """Yield every way to see `sentence` as a frame of at least two words round a gap."""
    words = _WORDS.findall(sentence.rstrip(_END))
    if len(words) > MAX_WORDS:
        return
    for start in range(len(words)):
        for end in range(start + 1, min(start + MAX_GAP_WORDS, len(words)) + 1):
            if len(words) - (end - start) >= 2:
                yield " ".join(words[:start]), " ".join(words[start:end]), " ".join(words[end:])
