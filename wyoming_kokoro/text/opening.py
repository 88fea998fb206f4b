"""The opening of a long sentence: what is spoken while the prosody of the rest is still computed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

LONG = 110
"""Characters. The prosody and the decoder of so much take 0.2 s on two cores, more than one waits gladly."""
SHORTEST, LONGEST = 24, 72
"""What is worth a pause behind it, and what is soon computed."""

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


@dataclass(frozen=True, slots=True)
class Opening:
    """A sentence in two."""

    text: str
    """Ends with a mark that lets the voice stay up."""
    rest: str


def opening(sentence: str, language: str) -> Opening | None:
    """Return where to cut a sentence of more than `LONG` characters, or None for what is short or has no place.

    The last pause that the opening has room for is the best place, then the last joint of the language, then
    the last space.
    """
    if len(sentence) <= LONG:
        return None
    room = sentence[: LONGEST + 1]
    pauses = [match.end() for match in _PAUSES.finditer(room)]
    spaces = [match.end() for match in _SPACES.finditer(room)]
    words = [0, *spaces]
    joints = [
        end
        for before, end in zip(words, spaces, strict=False)
        if _is_joint(sentence, end, language) and not _is_joint(sentence, before, language)
    ]
    cut = _last(pauses) or _last(joints) or _last(spaces)
    if cut is None:
        return None
    text = sentence[:cut].rstrip()
    return Opening(text if _PAUSES.match(text[-1] + " ") else f"{text},", sentence[cut:])


def _last(ends: Iterable[int]) -> int | None:
    return max((end for end in ends if SHORTEST <= end <= LONGEST), default=None)


def _is_joint(sentence: str, at: int, language: str) -> bool:
    word = _SPACES.split(sentence[at : at + 24], maxsplit=1)[0].lower().strip("\"'“(")
    return word in _JOINTS.get(language.split("-", 1)[0].lower(), "").split()
