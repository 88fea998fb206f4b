"""Blends: several voices as one, each with its share, written as `af_heart*2+af_bella`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

MAX_VOICES = 8
MAX_WEIGHT = 100
_PART = re.compile(r"([^\s+*()]+)(?:\s*\*\s*([0-9]{1,3}))?")


@dataclass(frozen=True, slots=True)
class Blend:
    """Voices and their weights in lowest terms, in the order in which they were named: the first one's language is
    spoken.
    """

    parts: tuple[tuple[str, int], ...]

    @classmethod
    def parse(cls, text: str) -> Blend:
        """Read names that are joined by `+`, each with `*` and a weight from 1 to 100 if it is not 1.

        Raises `ValueError`, whose text says what is wrong.
        """
        pieces = text.split("+")
        if len(pieces) > MAX_VOICES:
            raise ValueError(f"a blend has at most {MAX_VOICES} voices")
        parts = [_part(piece.strip()) for piece in pieces]
        names = [name for name, _ in parts]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"{name[:40]} is named twice; give it a weight instead, such as {name[:40]}*2")
        unit = math.gcd(*(weight for _, weight in parts))
        return cls(tuple((name, weight // unit) for name, weight in parts))

    @property
    def names(self) -> tuple[str, ...]:
        """The voices."""
        return tuple(name for name, _ in self.parts)

    @property
    def shares(self) -> dict[str, float]:
        """The share of each voice; together they are 1."""
        whole = sum(weight for _, weight in self.parts)
        return {name: weight / whole for name, weight in self.parts}

    @property
    def style_name(self) -> str:
        """What all blends that sound like this one are written as; itself a blend."""
        return str(Blend(tuple(sorted(self.parts))))

    def __str__(self) -> str:
        return "+".join(name if weight == 1 else f"{name}*{weight}" for name, weight in self.parts)


def _part(piece: str) -> tuple[str, int]:
    match = _PART.fullmatch(piece)
    weight = int(match[2] or 1) if match else 0
    if not match or not 1 <= weight <= MAX_WEIGHT:
        raise ValueError(
            f"{piece[:40]!r} is no part of a blend; write af_heart+af_bella, or with weights from 1 to {MAX_WEIGHT}"
            " af_heart*2+af_bella"
        )
    return match[1], weight
