"""Blends of several voices, written as `af_heart*2+af_bella`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

MAX_VOICES = 8
MAX_WEIGHT = 100
_PART = re.compile(r"([^\s+*()]+)(?:\s*\*\s*([0-9]{1,3}))?")


@dataclass(frozen=True, slots=True)
class Blend:
    """Voices and their weights in lowest terms, in the order of the text. The first voice sets the language."""

    parts: tuple[tuple[str, int], ...]

    @classmethod
    def parse(cls, text: str) -> Blend:
        """Parse names that are joined by `+`. A name can have a weight from 1 to 100: `name*weight`.

        Raises `ValueError` with a message for the user.
        """
        pieces = text.split("+")
        if len(pieces) > MAX_VOICES:
            raise ValueError(f"a blend has {len(pieces)} voices; use at most {MAX_VOICES}")
        parts = [_parse_part(piece.strip()) for piece in pieces]
        names = [name for name, _ in parts]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"{name[:40]} is named twice; give it a weight instead, such as {name[:40]}*2")
        divisor = math.gcd(*(weight for _, weight in parts))
        return cls(tuple((name, weight // divisor) for name, weight in parts))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the voices."""
        return tuple(name for name, _ in self.parts)

    @property
    def shares(self) -> dict[str, float]:
        """The share of each voice; the sum is 1."""
        total = sum(weight for _, weight in self.parts)
        return {name: weight / total for name, weight in self.parts}

    @property
    def style_name(self) -> str:
        """The canonical text of this blend: blends that sound the same have the same one."""
        return str(Blend(tuple(sorted(self.parts))))

    def __str__(self) -> str:
        return "+".join(name if weight == 1 else f"{name}*{weight}" for name, weight in self.parts)


def _parse_part(text: str) -> tuple[str, int]:
    match = _PART.fullmatch(text)
    weight = int(match[2] or 1) if match else 0
    if not match or not 1 <= weight <= MAX_WEIGHT:
        raise ValueError(
            f"{text[:40]!r} is not a valid part of a blend; write af_heart+af_bella,"
            f" or af_heart*2+af_bella with weights from 1 to {MAX_WEIGHT}"
        )
    return match[1], weight
