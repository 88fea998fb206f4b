"""English text, word by word."""

from __future__ import annotations

import re
from dataclasses import dataclass

from wyoming_kokoro import embed_ipa
from wyoming_kokoro_misaki.accents import VOWELS, Accent
from wyoming_kokoro_misaki.dictionary import Dictionary
from wyoming_kokoro_misaki.uses import use

_WORD = re.compile(r"(?<![\w@/\\'’])[^\W\d_]+(?:['’][^\W\d_]+)*(?![\w@\\])")
_STOPS = frozenset(".,;:!?—…")
_BE = frozenset(["is", "are", "was", "were", "be", "been", "being", "isn't", "aren't", "wasn't", "weren't", "'s"])
_USED_TO = "VBD"
"""misaki's tag for the `used` of "used to"."""
_SPOKEN_VOWEL = re.compile(r"\D*(?:8|1[18](?!\d))")
"""Numbers that begin with a vowel: 8, 80, 11, 18."""


@dataclass(frozen=True, slots=True)
class Place:
    """A word in its sentence, in lower case: what the words around it are."""

    before: str
    word: str
    after: str
    """Empty before a pause."""
    vowel: bool | None
    """Whether a vowel comes next; None before a pause."""


class Reader:
    """Writes sounds in the place of the words that a dictionary knows."""

    def __init__(self, dictionary: Dictionary, accent: Accent) -> None:
        self._dictionary = dictionary
        self._accent = accent

    def read(self, text: str) -> str:
        """Return `text` with sounds for known words, from the last to the first, since some depend on the next."""
        words = list(_WORD.finditer(text))
        rest, after, vowel = len(text), "", None
        said: list[str] = []
        for index in range(len(words) - 1, -1, -1):
            match = words[index]
            between = text[match.end() : rest]
            if not _STOPS.isdisjoint(between) or rest == len(text):
                after, vowel = "", None
            if any(character.isdigit() for character in between):
                after, vowel = "#", bool(_SPOKEN_VOWEL.match(between))
            before = words[index - 1][0].lower() if index and _joined(text, words[index - 1], match) else ""
            place = Place(before.replace("’", "'"), match[0].lower().replace("’", "'"), after, vowel)
            sounds = self._say(match[0].replace("’", "'"), place)
            said += [between, embed_ipa(sounds) if sounds else match[0]]
            after, vowel, rest = place.word, _begins_with_vowel(sounds, place.word), match.start()
        return "".join(reversed([*said, text[:rest]]))

    def _say(self, word: str, place: Place) -> str | None:
        tag = _USED_TO if _is_used_to(place) else use(place.before, place.after, place.vowel is None)
        sounds = _small_word(word, place) or self._dictionary.say(word, tag)
        return sounds.replace("ɾ", "T").replace("ʔ", "t") if sounds else None


def _joined(text: str, left: re.Match[str], right: re.Match[str]) -> bool:
    return _STOPS.isdisjoint(text[left.end() : right.start()])


def _small_word(word: str, place: Place) -> str | None:
    """Return how a word is said that depends on what follows, or None for all others."""
    after = place.vowel is not None
    small = {
        "a": "ɐ" if (after and word != "A") or (not place.before and after) else "ˈA",
        "an": "ɐn",
        "the": "ði" if place.vowel else "ðə",
        "to": ("tʊ" if place.vowel else "tə") if after else None,
        "in": "ɪn" if after else "ˈɪn",
        "am": "ɐm" if after and word == "am" else None,
        "i": "ˌI" if word == "I" else None,
    }
    return small.get(place.word) if not (word.isupper() and len(word) > 1) else None


def _is_used_to(place: Place) -> bool:
    """Tell "I used to go" from "it is used to heat"."""
    return place.word == "used" and place.after == "to" and place.before not in _BE


def _begins_with_vowel(sounds: str | None, word: str) -> bool:
    first = sounds.lstrip("ˈˌ")[0] if sounds else word[0]
    return first in (VOWELS if sounds else frozenset("aeiou"))
