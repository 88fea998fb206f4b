"""Replaces the words of a text that a dictionary knows with their phonemes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from wyoming_kokoro import embed_ipa
from wyoming_kokoro_misaki.accents import VOWELS
from wyoming_kokoro_misaki.dictionary import MisakiDictionary
from wyoming_kokoro_misaki.part_of_speech import guess_part_of_speech

_WORD = re.compile(r"(?<![\w@/\\'’])[^\W\d_]+(?:['’][^\W\d_]+)*(?![\w@\\])")
_PAUSES = frozenset(".,;:!?—…")
_BE = frozenset(["is", "are", "was", "were", "be", "been", "being", "isn't", "aren't", "wasn't", "weren't", "'s"])
_USED_TO_TAG = "VBD"
"""misaki's tag for the `used` of "used to"."""
_BEGINS_WITH_VOWEL = re.compile(r"\D*(?:8|1[18](?!\d))")
"""Numbers whose name begins with a vowel: 8, 80, 11, 18."""


@dataclass(frozen=True, slots=True)
class WordContext:
    """A word and its neighbors, in lower case."""

    previous: str
    """Empty after a pause."""
    word: str
    following: str
    """`#` before a number, empty before a pause."""
    vowel_follows: bool | None
    """None before a pause."""


class DictionaryLookup:
    """A text filter that embeds the phonemes of known words."""

    def __init__(self, dictionary: MisakiDictionary) -> None:
        self.dictionary = dictionary

    def __call__(self, text: str) -> str:
        """Return `text` with phonemes in place of known words."""
        words = list(_WORD.finditer(text))
        rest, following, vowel_follows = len(text), "", None
        reversed_parts: list[str] = []
        # From the last word to the first, because the pronunciation of some words depends on the next sound.
        for index in range(len(words) - 1, -1, -1):
            match = words[index]
            between = text[match.end() : rest]
            if not _PAUSES.isdisjoint(between) or rest == len(text):
                following, vowel_follows = "", None
            if any(character.isdigit() for character in between):
                following, vowel_follows = "#", bool(_BEGINS_WITH_VOWEL.match(between))
            is_joined = index > 0 and _PAUSES.isdisjoint(text[words[index - 1].end() : match.start()])
            previous = _normalize(words[index - 1][0]).lower() if is_joined else ""
            word = _normalize(match[0])
            context = WordContext(previous, word.lower(), following, vowel_follows)
            phonemes = self._look_up(word, context)
            reversed_parts += [between, embed_ipa(phonemes) if phonemes else match[0]]
            following, vowel_follows, rest = context.word, _starts_with_vowel(phonemes, context.word), match.start()
        return "".join(reversed([*reversed_parts, text[:rest]]))

    def _look_up(self, word: str, context: WordContext) -> str | None:
        tag = guess_part_of_speech(context.previous, context.following, context.vowel_follows is None)
        # "I used to go", not "it is used to heat".
        if context.word == "used" and context.following == "to" and context.previous not in _BE:
            tag = _USED_TO_TAG
        phonemes = _pronounce_function_word(word, context) or self.dictionary.look_up(word, tag)
        return phonemes.replace("ɾ", "T").replace("ʔ", "t") if phonemes else None


def _normalize(word: str) -> str:
    return word.replace("’", "'")


def _pronounce_function_word(word: str, context: WordContext) -> str | None:
    """Return the phonemes of a word that depend on the next sound, or None for every other word."""
    if word.isupper() and len(word) > 1:
        return None
    continues = context.vowel_follows is not None
    pronunciations = {
        "a": "ɐ" if (continues and word != "A") or (not context.previous and continues) else "ˈA",
        "an": "ɐn",
        "the": "ði" if context.vowel_follows else "ðə",
        "to": ("tʊ" if context.vowel_follows else "tə") if continues else None,
        "in": "ɪn" if continues else "ˈɪn",
        "am": "ɐm" if continues and word == "am" else None,
        "i": "ˌI" if word == "I" else None,
    }
    return pronunciations.get(context.word)


def _starts_with_vowel(phonemes: str | None, word: str) -> bool:
    """Return whether `word` begins with a vowel; without phonemes its first letter decides."""
    return phonemes.lstrip("ˈˌ")[0] in VOWELS if phonemes else word[0] in "aeiou"
