"""Blends of several voices, written as `af_heart*2+af_bella` or `af_heart(0.7)+af_bella(0.3)`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

MAX_VOICES = 8
MAX_WEIGHT = 100_000
"""The greatest weight in lowest terms."""
_DECIMALS = 3
_WEIGHT = rf"([0-9]{{1,6}}(?:\.[0-9]{{1,{_DECIMALS}}})?|\.[0-9]{{1,{_DECIMALS}}})"
_PART = re.compile(rf"([^\s+*()]+)(?:\s*\*\s*{_WEIGHT}|\s*\(\s*{_WEIGHT}\s*\))?")


@dataclass(frozen=True, slots=True)
class Blend:
    """Voices and their weights in lowest terms, in the order of the text. The first voice sets the language."""

    parts: tuple[tuple[str, int], ...]

    @classmethod
    def parse(cls, text: str) -> Blend:
        """Parse names that are joined by `+`. A name can have a weight: `name*weight` or `name(weight)`.

        Weights have at most three decimals. Only their ratio counts. Raises `ValueError` with a message for the user.
        """
        pieces = text.split("+", MAX_VOICES)
        if len(pieces) > MAX_VOICES:
            raise ValueError(f"the blend {text[:80]!r} has too many voices; use at most {MAX_VOICES}")
        parts = [_parse_part(piece.strip()) for piece in pieces]
        names = [name for name, _ in parts]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(
                    f"{name[:40]!r} is named twice; give it a weight instead, such as {f'{name[:40]}*2'!r}"
                )
        divisor = math.gcd(*(weight for _, weight in parts))
        blend = cls(tuple((name, weight // divisor) for name, weight in parts))
        if max(weight for _, weight in blend.parts) > MAX_WEIGHT:
            raise ValueError(f"the weights of {text[:80]!r} differ too much; use at most {MAX_WEIGHT} to 1")
        return blend

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
    """Return the name and the weight, in units of the last decimal."""
    match = _PART.fullmatch(text)
    weight = round(float(match[2] or match[3] or 1) * 10**_DECIMALS) if match else 0
    if not match or not weight:
        raise ValueError(
            f"{text[:40]!r} is not a valid part of a blend; write af_heart+af_bella, or"
            f" af_heart*2+af_bella or af_heart(0.7)+af_bella(0.3) with weights of at most {_DECIMALS} decimals"
        )
    return match[1], weight
