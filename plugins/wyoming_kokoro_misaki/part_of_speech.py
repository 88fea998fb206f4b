"""Guesses the part of speech of a word from its neighbors, for words with more than one pronunciation."""

from __future__ import annotations

PAUSE_TAG = "None"
"""misaki's tag for a word before a pause."""

_BEFORE_NOUN = frozenset({
    "a", "an", "the", "my", "your", "his", "her", "its", "our", "their", "this", "that", "these", "those", "no",
    "some", "any", "each", "every", "another", "of", "for", "with", "by", "in", "on", "at", "from", "into", "new",
    "next", "last", "first", "second",
})  # fmt: skip
_BEFORE_VERB = frozenset({
    "to", "will", "would", "can", "could", "should", "must", "may", "might", "shall", "won't", "wouldn't", "can't",
    "cannot", "couldn't", "shouldn't", "don't", "doesn't", "didn't", "please", "i", "you", "we", "they", "who",
    "let's", "not", "never", "i'll", "you'll", "we'll", "they'll",
})  # fmt: skip
_BEFORE_PARTICIPLE = frozenset({
    "have", "has", "had", "was", "were", "been", "be", "is", "are", "i've", "you've", "we've", "they've", "already",
    "just",
})  # fmt: skip
_OBJECTS = frozenset({
    "the", "a", "an", "my", "your", "his", "her", "its", "our", "their", "this", "that", "these", "those", "it",
    "them", "him", "me", "us", "all",
})  # fmt: skip


def guess_part_of_speech(previous: str, following: str, is_before_pause: bool) -> str:
    """Return misaki's tag for the word between two neighbors, which are in lower case or empty."""
    if previous in _BEFORE_NOUN:
        return "NOUN"
    if previous in _BEFORE_VERB or (following in _OBJECTS and previous not in _BEFORE_PARTICIPLE):
        return "VERB"
    if previous in _BEFORE_PARTICIPLE:
        return "VBN"
    return PAUSE_TAG if is_before_pause else "DEFAULT"
