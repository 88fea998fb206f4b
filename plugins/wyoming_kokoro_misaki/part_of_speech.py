"""What a word probably is in its sentence, told by its neighbours: enough for words that are said in two ways."""

from __future__ import annotations

PAUSE = "None"
"""misaki's tag for a word before a pause."""

_TAKES_NOUN = frozenset(
    [
        "a",
        "an",
        "the",
        "my",
        "your",
        "his",
        "her",
        "its",
        "our",
        "their",
        "this",
        "that",
        "these",
        "those",
        "no",
        "some",
        "any",
        "each",
        "every",
        "another",
        "of",
        "for",
        "with",
        "by",
        "in",
        "on",
        "at",
        "from",
        "into",
        "new",
        "next",
        "last",
        "first",
        "second",
    ]
)
_TAKES_VERB = frozenset(
    [
        "to",
        "will",
        "would",
        "can",
        "could",
        "should",
        "must",
        "may",
        "might",
        "shall",
        "won't",
        "wouldn't",
        "can't",
        "cannot",
        "couldn't",
        "shouldn't",
        "don't",
        "doesn't",
        "didn't",
        "please",
        "i",
        "you",
        "we",
        "they",
        "who",
        "let's",
        "not",
        "never",
        "i'll",
        "you'll",
        "we'll",
        "they'll",
    ]
)
_TAKES_PARTICIPLE = frozenset(
    [
        "have",
        "has",
        "had",
        "was",
        "were",
        "been",
        "be",
        "is",
        "are",
        "i've",
        "you've",
        "we've",
        "they've",
        "already",
        "just",
    ]
)
_OBJECTS = frozenset(
    [
        "the",
        "a",
        "an",
        "my",
        "your",
        "his",
        "her",
        "its",
        "our",
        "their",
        "this",
        "that",
        "these",
        "those",
        "it",
        "them",
        "him",
        "me",
        "us",
        "all",
    ]
)


def guess_part_of_speech(before: str, after: str, before_pause: bool) -> str:
    """Return a tag of misaki's for the word between `before` and `after`, which are in lower case or empty."""
    if before in _TAKES_NOUN:
        return "NOUN"
    if before in _TAKES_VERB or (after in _OBJECTS and before not in _TAKES_PARTICIPLE):
        return "VERB"
    if before in _TAKES_PARTICIPLE:
        return "VBN"
    return PAUSE if before_pause else "DEFAULT"
