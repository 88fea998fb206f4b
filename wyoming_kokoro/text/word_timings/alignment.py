"""Finds the phonemes of each word in the phonemes of a whole segment.

A word alone and in a sentence has nearly the same phonemes, in every language and after every text filter: `21.3` is
`twenty-one point three` in both. So the phonemes of all words, one after the other, are compared with those of the
segment.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import accumulate

# Words between spaces, and each character of scripts that are written without spaces.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff][^\w\s]*|[^\s\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
# A word begins at most this many symbols away from where the comparison puts it.
MAX_SHIFT = 3


def split_words(text: str) -> list[str]:
    """Return the words of `text` with their punctuation; in Chinese and Japanese, the characters."""
    return _WORD.findall(text)


def is_spoken(character: str) -> bool:
    """Return whether a word with this character is more than punctuation."""
    return character in "&%@#" or unicodedata.category(character)[0] in "LNSC"


def align_words(words: Sequence[str], phonemes: str) -> list[tuple[int, int]]:
    """Return the begin and the end of each word in `phonemes`, which they cover without gaps.

    `words` are the phonemes of each word alone; a word without phonemes may get an empty part.
    """
    ends = list(accumulate(len(word) + 1 for word in words))
    matches = SequenceMatcher(None, " ".join(words), phonemes, autojunk=False).get_matching_blocks()
    # Pairs of equal places in the joined words and in `phonemes`.
    inner = ((match.a + offset, match.b + offset) for match in matches for offset in (0, match.size))
    anchors = [(0, 0), *inner, (max(ends, default=0), len(phonemes))]
    borders = [0]
    for word, end in zip(words[:-1], ends, strict=False):
        place = round(_interpolate(anchors, end)) if word else borders[-1]
        borders.append(max(borders[-1], _nearest_word_start(phonemes, min(place, len(phonemes)))))
    return list(zip(borders, [*borders[1:], len(phonemes)], strict=True)) if words else []


def _interpolate(anchors: Sequence[tuple[int, int]], place: int) -> float:
    at = bisect_left(anchors, (place, 0))
    (left, left_value), (right, right_value) = anchors[max(0, at - 1)], anchors[min(at, len(anchors) - 1)]
    share = (place - left) / (right - left) if right > left else 0.0
    return left_value + share * (right_value - left_value)


def _nearest_word_start(phonemes: str, place: int) -> int:
    """Return the nearest place after a space within `MAX_SHIFT` symbols, or `place`."""
    for shift in sorted(range(-MAX_SHIFT, MAX_SHIFT + 1), key=abs):
        if 0 < place + shift <= len(phonemes) and phonemes[place + shift - 1] == " ":
            return place + shift
    return place
