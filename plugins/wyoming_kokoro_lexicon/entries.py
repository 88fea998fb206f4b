"""The words of one language, and how they are said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from wyoming_kokoro import embed_ipa

_LETTER = r"[^\W_]|[\u0300-\u036f\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963]"
"""A letter, a digit, or a mark that belongs to one: accents and the vowel signs of Devanagari."""
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Kana and Chinese characters: words of these stand side by side."""
_HISSING = frozenset("szʃʒʧʤ")
_VOICELESS = frozenset("ptkfθ")


class Entries:
    """Finds words in text: the longest that fits, as it is written or else in lower case."""

    def __init__(self, words: Mapping[str, str]) -> None:
        """`words` to another spelling, or to IPA between slashes.

        Raises `ValueError`, with what to do, for a word that cannot be said.
        """
        self._said = {_plain(word): _said(said) for word, said in words.items()}
        if "" in self._said:
            raise ValueError("is no word; write one before the equals sign")
        longest_first = sorted(self._said, key=lambda word: (-len(word), word == word.lower(), word))
        words_pattern = "|".join(_pattern(word) for word in longest_first)
        self._pattern = re.compile(rf"(?P<word>{words_pattern})(?P<possessive>['’]s(?!{_LETTER}))?")

    def put_into(self, text: str) -> str:
        """Return `text` with every word of ours said as it shall be."""
        return self._pattern.sub(self._replaced, text) if self._said else text

    def _replaced(self, match: re.Match[str]) -> str:
        word = _plain(match["word"])
        said = self._said.get(word) or self._said[word.lower()]
        return said.possessive if match["possessive"] else said.text


@dataclass(frozen=True, slots=True)
class _Said:
    """How a word is said, alone and with `'s`."""

    text: str
    possessive: str


def _said(said: str) -> _Said:
    said = said.strip()
    if not said.strip("/ "):
        raise ValueError('says nothing; write how it is said, such as "hoss" or "/hˈɔs/"')
    if said[0] != "/" and said[-1] != "/":
        return _Said(said, f"{said}'s")
    if said[0] != "/" or said[-1] != "/":
        raise ValueError(f'IPA stands between two slashes; write "/{said.strip("/")}/"')
    ipa = said.strip("/ ")
    ending = "ᵻz" if ipa[-1] in _HISSING else "s" if ipa[-1] in _VOICELESS else "z"
    return _Said(embed_ipa(ipa), embed_ipa(ipa + ending))


def _plain(word: str) -> str:
    return " ".join(word.replace("’", "'").split())


def _pattern(word: str) -> str:
    """Return what finds a word: whole, and in any case when it is given in lower case."""
    letters = re.escape(word).replace("'", "['’]").replace(r"\ ", r"\s+")
    before = "" if _UNSPACED.match(word[0]) else f"(?<!{_LETTER})".replace("|", ")(?<!")
    after = "" if _UNSPACED.match(word[-1]) else f"(?!{_LETTER})"
    return f"{before}(?i:{letters}){after}" if word == word.lower() else f"{before}{letters}{after}"
