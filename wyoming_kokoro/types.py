"""The data and the roles that the stations of the path, and the plugins, hand to each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 24_000
"""Samples a second of everything the model speaks."""

Array = npt.NDArray[Any]
Samples = npt.NDArray[np.float32]
"""Mono samples at `SAMPLE_RATE`, full scale at 1.0."""
Pcm = npt.NDArray[np.int16]
"""Mono 16-bit samples at `SAMPLE_RATE`."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice as clients see it."""

    name: str
    """What a client asks for, e.g. `af_heart`."""
    language: str
    """BCP-47, e.g. `en-US`: one voice speaks one language."""
    description: str
    """What a person picks from a list; sorts the best voice of a language first."""
    grade: str = ""
    """The quality grade that the voice's makers published, `A` to `F`, or nothing."""
    base: str = ""
    """The voice, or the blend of voices, that makes its sound; nothing where that is itself."""
    speed: float = 1.0
    """How many times as fast as others it speaks."""
    gain: float = 1.0
    """Linear gain, which makes voices as loud as each other, or louder where somebody wants it."""

    @property
    def sound(self) -> str:
        """What makes its sound: voices that have the same are the same to the model."""
        return self.base or self.name


@dataclass(frozen=True, slots=True)
class Address:
    """A TCP address that the server listens on."""

    host: str
    port: int


OnReady = Callable[[str], None]
"""Is told what is ready, from any thread."""


def ignore(what: object) -> None:
    """Let `what` be ready without taking note."""
