"""The opening of a long sentence: what is spoken while the rest is still being read, or being written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

MAX_UNSPLIT_CHARACTERS = 110
"""Characters. The prosody and the decoder of so much take 0.2 s on two cores, more than one waits gladly."""
MIN_OPENING_CHARACTERS, MAX_OPENING_CHARACTERS = 24, 72
"""What is worth a pause behind it, and what is soon computed."""
MIN_PARTIAL_CHARACTERS = 56
"""Characters of a sentence that is still being written, after which its end is not waited for: Home Assistant hands on
the first 61 at once."""

_JOINTS: Mapping[str, str] = MappingProxyType(
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
"""Words before which a speaker may breathe, by primary language."""
_PAUSES = re.compile(r"[,;:—–，、；：][\"'”’»)\]]*\s+")
_SPACES = re.compile(r"\s+")
_PLAIN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_NUMBER = re.compile(r"\d(?:st|nd|rd|th|[.ºª])?$")
_ENTITY = re.compile(r"&#?\w{2,8};$")
_BRACKETS = re.compile(r"\[[^\[\]]*\](?:\([^()]*\))?|<[^<>]*>|`[^`]*`|\([^()]*\)")
"""What must not be cut in two: links, tags, code, brackets."""
_MARKUP = re.compile(r"[\[\](){}<>`*_~|#&\\]")
"""What may have begun something that has not ended yet."""


@dataclass(frozen=True, slots=True)
class EarlySplit:
    """A sentence in two."""

    opening: str
    """Ends with a mark that lets the voice stay up."""
    rest: str


def split_long(sentence: str, language: str) -> EarlySplit | None:
    """Return where to cut a sentence of more than `LONG` characters, or None for what is short or has no place.

    The last pause that the opening has room for is the best place, then the last joint of the language, then
    the last space.
    """
    return _opened(sentence, _places(sentence, language)) if len(sentence) > MAX_UNSPLIT_CHARACTERS else None


def split_partial(text: str, language: str) -> EarlySplit | None:
    """Return where to cut a sentence of which only `text` is there yet, or None where nobody would breathe.

    That is at the last pause or joint, of words without markup.
    """
    if len(text) < MIN_PARTIAL_CHARACTERS:
        return None
    pauses, joints, _ = _places(text, language)
    cut = _opened(text, (pauses, joints))
    return cut if cut and not _MARKUP.search(cut.opening) else None


def _opened(sentence: str, places: Iterable[Sequence[int]]) -> EarlySplit | None:
    """Cut at the last of the first kind of place that there is."""
    cut = next((last for ends in places if (last := _last(ends))), None)
    if cut is None:
        return None
    text = sentence[:cut].rstrip()
    return EarlySplit(text if _PAUSES.match(text[-1] + " ") else f"{text},", sentence[cut:])


def _places(sentence: str, language: str) -> tuple[list[int], list[int], list[int]]:
    """Return the pauses, the joints and the spaces behind which an opening may end."""
    room = sentence[: MAX_OPENING_CHARACTERS + 1]
    closed = {place for match in _BRACKETS.finditer(sentence) for place in range(match.start() + 1, match.end())}
    pauses = [match.end() for match in _PAUSES.finditer(room) if _parts(sentence, match)]
    words = [0, *(match.end() for match in _SPACES.finditer(room))]
    spaces = [end for end in words[1:] if _between_words(sentence, end)]
    joints = [
        end
        for before, end in pairwise(words)
        if end in spaces and _is_joint(sentence, end, language) and not _is_joint(sentence, before, language)
    ]
    pauses, joints, spaces = ([end for end in ends if end not in closed] for ends in (pauses, joints, spaces))
    return pauses, joints, spaces


def _last(ends: Iterable[int]) -> int | None:
    return max((end for end in ends if MIN_OPENING_CHARACTERS <= end <= MAX_OPENING_CHARACTERS), default=None)


def _is_joint(sentence: str, at: int, language: str) -> bool:
    word = _SPACES.split(sentence[at : at + 24], maxsplit=1)[0].lower().strip("\"'“(")
    return word in _JOINTS.get(language.split("-", 1)[0].lower(), "").split()


def _parts(sentence: str, pause: re.Match[str]) -> bool:
    """Tell whether a pause is one: not the comma of `January 3rd, 2026`, nor the semicolon of `&amp;`."""
    before = sentence[: pause.start()].rstrip()
    in_number = _NUMBER.search(before[-8:]) and sentence[pause.end() : pause.end() + 1].isdigit()
    return not in_number and not _ENTITY.search(before[-10:] + pause[0].rstrip())


def _between_words(sentence: str, at: int) -> bool:
    """Tell whether words without a number or a sign stand around `at`: a cut must not change how they are said."""
    behind = sentence[at:].split(maxsplit=1)[:1]
    before = sentence[max(0, at - 48) : at].split()[-2:]
    return all(_PLAIN.fullmatch(word) and not word.isupper() for word in (*before[-1:], *behind)) and not any(
        character.isdigit() for character in "".join(before)
    )
