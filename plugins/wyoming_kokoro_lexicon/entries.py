"""Finds the words of one language in text and replaces them with their pronunciation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

from wyoming_kokoro import LITERAL_MARK, embed_ipa

_LETTER = rf"[^\W_]|[\u0300-\u036f\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963{LITERAL_MARK}]"
"""A letter, a digit, a combining mark (accents and the vowel signs of Devanagari), or the end of a literal text."""
_LITERAL = f"{LITERAL_MARK}(?P<literal>[^{LITERAL_MARK}]*){LITERAL_MARK}?"
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Kana and Chinese characters, whose words are not separated by spaces."""
_SIBILANTS = frozenset("szʃʒʧʤ")
_VOICELESS = frozenset("ptkfθ")


class Pronunciation(NamedTuple):
    """The text that replaces a word, and the word with `'s`."""

    text: str
    possessive: str


class LexiconEntries:
    """Replaces words: the longest entry that fits, first as it is written, then in lower case."""

    def __init__(self, words: Mapping[str, str]) -> None:
        """`words` maps each word to another spelling, or to IPA between slashes.

        Raises `ValueError` for a word without a usable pronunciation.
        """
        self._pronunciations = {normalize(word): parse_pronunciation(text) for word, text in words.items()}
        if "" in self._pronunciations:
            raise ValueError("is no word; write one before the equals sign")
        longest_first = sorted(self._pronunciations, key=lambda word: (-len(word), word == word.lower(), word))
        spaced = "|".join(_make_pattern(word) for word in longest_first if not _UNSPACED.match(word))
        unspaced = "|".join(_make_pattern(word) for word in longest_first if _UNSPACED.match(word))
        # With 500 words, one check before all of them is ten times as fast as a check before each.
        patterns = "|".join(filter(None, [spaced and f"(?<!{_LETTER})(?:{spaced})", unspaced])) or "(?!)"
        self._pattern = re.compile(rf"{_LITERAL}|(?P<word>{patterns})(?P<possessive>['’]s(?!{_LETTER}))?")

    def apply(self, text: str) -> str:
        """Return `text` with every word of the lexicon replaced, but for the words between two `LITERAL_MARK`s."""
        return self._pattern.sub(self._replace, text)

    def apply_once(self, text: str) -> str:
        """Return `text` with every word replaced and marked, so that `apply` leaves the result as it is."""
        return self._pattern.sub(lambda match: f"{LITERAL_MARK}{self._replace(match)}{LITERAL_MARK}", text)

    def has(self, word: str) -> bool:
        """Return whether `word`, in this spelling, has a pronunciation."""
        match = self._pattern.fullmatch(word)
        return match is not None and not match["possessive"]

    def _replace(self, match: re.Match[str]) -> str:
        if match["literal"] is not None:
            return match["literal"]
        word = normalize(match["word"])
        found = self._pronunciations.get(word) or self._pronunciations.get(word.lower())
        # The pattern also finds letters that are no other case of each other, such as "ı" for "i".
        if found is None:
            return match[0]
        return found.possessive if match["possessive"] else found.text


def parse_pronunciation(text: str) -> Pronunciation:
    """Return what replaces a word. `text` is a spelling, or IPA between slashes. Raises `ValueError`."""
    text = text.strip()
    if not text.strip("/ "):
        raise ValueError('has no pronunciation; write a spelling or IPA, such as "hoss" or "/hˈɔs/"')
    if text[0] != "/" and text[-1] != "/":
        return Pronunciation(text, f"{text}'s")
    if text[0] != "/" or text[-1] != "/":
        raise ValueError(f'has IPA with one slash; write "/{text.strip("/")}/"')
    ipa = text.strip("/ ")
    ending = "ᵻz" if ipa[-1] in _SIBILANTS else "s" if ipa[-1] in _VOICELESS else "z"
    return Pronunciation(embed_ipa(ipa), embed_ipa(ipa + ending))


def normalize(word: str) -> str:
    """Return `word` in NFC, with straight apostrophes and single spaces."""
    return " ".join(unicodedata.normalize("NFC", word).replace("’", "'").split())


def _make_pattern(word: str) -> str:
    """Return a pattern for `word` up to its end, which ignores case if `word` is in lower case."""
    letters = re.escape(word).replace("'", "['’]").replace(r"\ ", r"\s+")
    after = "" if _UNSPACED.match(word[-1]) else f"(?!{_LETTER})"
    return f"(?i:{letters}){after}" if word == word.lower() else f"{letters}{after}"
