"""Corrects the part of speech of words that have several pronunciations, such as "close", "read" and "lead".

hibari's tagger decides most of them. It was trained on newspapers, and often takes a verb for a noun in the short
sentences of a household. A few meanings are no parts of speech: the metal lead, the fish bass.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

# The context of a word that the patterns see.
WORDS_BEFORE, WORDS_AFTER = 5, 4

_MODALS = frozenset(["will", "would", "can", "could", "may", "might", "must", "should", "shall", "'ll", "cannot"])
_AUXILIARIES = _MODALS | {"do", "does", "did", "ca", "wo"}
_SUBJECTS = frozenset(["i", "you", "we", "they"])
_ALL_SUBJECTS = _SUBJECTS | {"he", "she", "it"}
_FORMS_OF_BE = frozenset(["am", "are", "is", "was", "were", "'m", "'re", "be"])
_BETWEEN = frozenset(
    ["also", "always", "automatically", "never", "not", "n't", "now", "often", "only", "still", "then"]
)
_OBJECTS = frozenset(["the", "my", "your", "our", "his", "her", "its", "their", "these", "those", "it", "them", "all"])
_SENTENCE_BEGINS = frozenset(["^", ".", "!", "?", "…", ":", ";"])

_WORD_LISTS = {
    "be": "(is|am|are|was|were|be|been|'s|'re|'m)",
    "command": r"(\^|please) _ (?!(in|of|from|is|was|by|to|and) )\w+",
    "determiner": "(the|an?|this|that|my|your|our|his|her|its|their|no|any|some|every|each|another)",
    "end": "([.,!?;:]|$)",
    "number": "(one|two|three|four|five|six|seven|eight|nine|ten|fifteen|twenty|thirty|sixty|ninety|hundred|few)",
    "object": "(the|an?|my|your|our|his|her|its|their|this|these|those|it|them|all|every|both)",
}


class Heteronyms:
    """Corrects the tags of words with several pronunciations."""

    def correct_tags(self, tokens: Sequence[Any]) -> None:
        """Correct the tags of hibari's `tokens`, in time linear in their number."""
        # "May" is the month.
        words = [token.text if token.text == "May" else token.text.replace("’", "'").lower() for token in tokens]
        words.insert(0, "^")
        for index, token in enumerate(tokens, 1):
            # Another tag changes the phonemes of words with several pronunciations only.
            if token.tag[:2] in ("NN", "JJ", "RB") and _is_verb(words, index):
                token.tag = "VB"
            if rules := self._rules.get(token.text) or self._rules.get(words[index]):
                context = _context(words, index)
                token.tag = next((tag for pattern, tag in rules if pattern.search(context)), token.tag)

    @cached_property
    def _rules(self) -> dict[str, list[tuple[re.Pattern[str], str]]]:
        """Patterns and tags by word."""
        rules: dict[str, list[tuple[re.Pattern[str], str]]] = {}
        for line in Path(__file__).with_suffix(".tsv").read_text("utf-8").splitlines():
            if not line.startswith("#"):
                word, tag, pattern = line.split("\t")
                for name, words in _WORD_LISTS.items():
                    pattern = pattern.replace(f"{{{name}}}", words)
                rules.setdefault(word, []).append((re.compile(rf"(?<!\S)(?:{pattern})(?!\S)"), tag))
        return rules


def _is_verb(words: Sequence[str], index: int) -> bool:
    """Return whether the word at `index`, which is no function word, is a verb by the words beside it."""
    second_last, last = words[max(0, index - 2)], words[index - 1]
    if last in _SENTENCE_BEGINS:
        return words[index] != "live" and _OBJECTS.issuperset(words[index + 1 : index + 2] or [""])
    if last in _BETWEEN or (last in _ALL_SUBJECTS and second_last in _AUXILIARIES):
        return second_last in _AUXILIARIES
    if last in _MODALS:
        # "Will live music play?"
        return last == "cannot" or second_last not in _SENTENCE_BEGINS
    return last == "please" or (last in _SUBJECTS and second_last not in _FORMS_OF_BE)


def _context(words: Sequence[str], index: int) -> str:
    """Return the words around the one at `index`, from the begin of its sentence on."""
    before = words[max(0, index - WORDS_BEFORE) : index]
    begin = next((number for number in range(len(before), 0, -1) if before[number - 1] in _SENTENCE_BEGINS), 0)
    if begin:
        before = ["^", *before[begin:]]
    return " ".join([*before, "_", *words[index + 1 : index + 1 + WORDS_AFTER], ""])
