"""Finds the words of one language in text and replaces them with their pronunciation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from wyoming_kokoro import embed_ipa

_LETTER = r"[^\W_]|[\u0300-\u036f\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963]"
"""A letter, a digit, or a combining mark: accents and the vowel signs of Devanagari."""
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Kana and Chinese characters, whose words are not separated by spaces."""
_SIBILANTS = frozenset("szʃʒʧʤ")
_VOICELESS = frozenset("ptkfθ")


class _Pronunciation(NamedTuple):
    """The text that replaces a word, and the word with `'s`."""

    text: str
    possessive: str


class LexiconEntries:
    """Replaces words: the longest entry that fits, first as it is written, then in lower case."""

    def __init__(self, words: Mapping[str, str]) -> None:
        """`words` maps each word to another spelling, or to IPA between slashes.

        Raises `ValueError` for a word without a usable pronunciation.
        """
        self._pronunciations = {_normalize(word): _parse(text) for word, text in words.items()}
        if "" in self._pronunciations:
            raise ValueError("is no word; write one before the equals sign")
        longest_first = sorted(self._pronunciations, key=lambda word: (-len(word), word == word.lower(), word))
        patterns = "|".join(_make_pattern(word) for word in longest_first)
        self._pattern = re.compile(rf"(?P<word>{patterns})(?P<possessive>['’]s(?!{_LETTER}))?")

    def apply(self, text: str) -> str:
        """Return `text` with every word of the lexicon replaced."""
        return self._pattern.sub(self._replace, text) if self._pronunciations else text

    def _replace(self, match: re.Match[str]) -> str:
        word = _normalize(match["word"])
        found = self._pronunciations.get(word) or self._pronunciations[word.lower()]
        return found.possessive if match["possessive"] else found.text


def _parse(text: str) -> _Pronunciation:
    text = text.strip()
    if not text.strip("/ "):
        raise ValueError('has no pronunciation; write a spelling or IPA, such as "hoss" or "/hˈɔs/"')
    if text[0] != "/" and text[-1] != "/":
        return _Pronunciation(text, f"{text}'s")
    if text[0] != "/" or text[-1] != "/":
        raise ValueError(f'has IPA with one slash; write "/{text.strip("/")}/"')
    ipa = text.strip("/ ")
    ending = "ᵻz" if ipa[-1] in _SIBILANTS else "s" if ipa[-1] in _VOICELESS else "z"
    return _Pronunciation(embed_ipa(ipa), embed_ipa(ipa + ending))


def _normalize(word: str) -> str:
    return " ".join(word.replace("’", "'").split())


def _make_pattern(word: str) -> str:
    """Return a pattern for the whole `word`, which ignores case if `word` is in lower case."""
    letters = re.escape(word).replace("'", "['’]").replace(r"\ ", r"\s+")
    before = "" if _UNSPACED.match(word[0]) else f"(?<!{_LETTER})"
    after = "" if _UNSPACED.match(word[-1]) else f"(?!{_LETTER})"
    return f"{before}(?i:{letters}){after}" if word == word.lower() else f"{before}{letters}{after}"
