"""Splits long sentences, so that their opening is spoken while the rest is synthesized or still being written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

from wyoming_kokoro.text.boundaries import NUMBER_END

MAX_UNSPLIT_CHARACTERS = 110
"""Complete sentences are split above this length: prosody and decoder of more take over 0.2 s on two cores."""
# A shorter opening is over before the rest is synthesized. A longer one takes too long itself.
MIN_OPENING_CHARACTERS, MAX_OPENING_CHARACTERS = 24, 72
MIN_PARTIAL_CHARACTERS = 56
"""Unfinished sentences are split from this length on. Home Assistant sends the first 61 characters at once."""

# Conjunctions and prepositions, before which a speaker may pause, by primary language subtag.
_CONJUNCTIONS: Mapping[str, str] = MappingProxyType(
    {
        "en": "and but or so because which that who when while where if then than although until before after as"
        " with without for from into over under between through during about",
        "es": "y pero o porque que cuando mientras donde si entonces aunque hasta antes después como con sin para"
        " por desde sobre entre durante",
        "fr": "et mais ou car que qui quand lorsque où si alors puis jusque avant après comme avec sans pour depuis"
        " sur entre pendant dans",
        "hi": "और लेकिन या क्योंकि कि जो जब तब अगर तो ताकि जबकि",
        "it": "e ma o perché che quando mentre dove se allora anche fino prima dopo come con senza per da su tra"
        " durante",
        "pt": "e mas ou porque que quando enquanto onde se então embora até antes depois como com sem para por desde"
        " sobre entre durante",
    }
)
_PAUSES = re.compile(r"[,;:—–，、；：][\"'”’»)\]]*\s+")
_SPACES = re.compile(r"\s+")
_PLAIN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_ENTITY = re.compile(r"&#?\w{2,8};$")
# Links, tags, code and brackets stay whole.
_BRACKETS = re.compile(r"\[[^\[\]]*\](?:\([^()]*\))?|<[^<>]*>|`[^`]*`|\([^()]*\)")
_MARKUP = re.compile(r"[\[\](){}<>`*_~|#&\\]")


@dataclass(frozen=True, slots=True)
class EarlySplit:
    """The two parts of a sentence."""

    opening: str
    """Ends with a comma or another mark after which the voice does not fall."""
    rest: str


def split_long(sentence: str, language: str) -> EarlySplit | None:
    """Split a sentence of more than `MAX_UNSPLIT_CHARACTERS`; return None if it is shorter or has no place to split.

    The best place is the last pause within reach, then the last conjunction of the language, then the last space.
    """
    return _split_at(sentence, _find_places(sentence, language)) if len(sentence) > MAX_UNSPLIT_CHARACTERS else None


def split_partial(text: str, language: str) -> EarlySplit | None:
    """Split an unfinished sentence at its last pause or conjunction.

    Return None if it is too short, has no such place, or has markup before it.
    """
    if len(text) < MIN_PARTIAL_CHARACTERS:
        return None
    pauses, conjunctions, _ = _find_places(text, language)
    split = _split_at(text, (pauses, conjunctions))
    return split if split and not _MARKUP.search(split.opening) else None


def _split_at(sentence: str, places: Iterable[Sequence[int]]) -> EarlySplit | None:
    """Split at the last place of the first kind that has one within reach."""
    end = next((last for ends in places if (last := _last_within_reach(ends))), None)
    if end is None:
        return None
    opening = sentence[:end].rstrip()
    return EarlySplit(opening if _PAUSES.match(opening[-1] + " ") else f"{opening},", sentence[end:])


def _find_places(sentence: str, language: str) -> tuple[list[int], list[int], list[int]]:
    """Return the ends of openings at pauses, before conjunctions and at spaces."""
    reach = sentence[: MAX_OPENING_CHARACTERS + 1]
    bracketed = {place for match in _BRACKETS.finditer(sentence) for place in range(match.start() + 1, match.end())}
    pauses = [match.end() for match in _PAUSES.finditer(reach) if _is_pause(sentence, match)]
    words = [0, *(match.end() for match in _SPACES.finditer(reach))]
    spaces = [end for end in words[1:] if _is_between_plain_words(sentence, end)]
    conjunctions = [
        end
        for before, end in pairwise(words)
        if end in spaces
        and _is_conjunction(sentence, end, language)
        and not _is_conjunction(sentence, before, language)
    ]
    pauses, conjunctions, spaces = (
        [end for end in ends if end not in bracketed] for ends in (pauses, conjunctions, spaces)
    )
    return pauses, conjunctions, spaces


def _last_within_reach(ends: Iterable[int]) -> int | None:
    return max((end for end in ends if MIN_OPENING_CHARACTERS <= end <= MAX_OPENING_CHARACTERS), default=None)


def _is_conjunction(sentence: str, at: int, language: str) -> bool:
    word = _SPACES.split(sentence[at : at + 24], maxsplit=1)[0].lower().strip("\"'“(")
    return word in _CONJUNCTIONS.get(language.split("-", 1)[0].lower(), "").split()


def _is_pause(sentence: str, mark: re.Match[str]) -> bool:
    """Return whether a speaker pauses at `mark`: not at the comma of `January 3rd, 2026` or the end of `&amp;`."""
    before = sentence[: mark.start()].rstrip()
    is_in_number = NUMBER_END.search(before[-8:]) and sentence[mark.end() : mark.end() + 1].isdigit()
    return not is_in_number and not _ENTITY.search(before[-10:] + mark[0].rstrip())


def _is_between_plain_words(sentence: str, at: int) -> bool:
    """Return whether no number, sign or acronym is next to `at`, because a cut would change how it is read."""
    following = sentence[at:].split(maxsplit=1)[:1]
    before = sentence[max(0, at - 48) : at].split()[-2:]
    return all(_PLAIN.fullmatch(word) and not word.isupper() for word in (*before[-1:], *following)) and not any(
        character.isdigit() for character in "".join(before)
    )
