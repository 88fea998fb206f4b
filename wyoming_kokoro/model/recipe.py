"""Everything but the model itself that decides how its prepared stages sound."""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass
from importlib import resources

from wyoming_kokoro.model import adain as affine
from wyoming_kokoro.model import features, manifest
from wyoming_kokoro.model import harmonic_source as source

FORMAT = 2
"""Raise it when the same model is to be prepared in another way."""
DATA = ("statistics.npz", "ranges.json")


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a model is prepared and its vocoder is fed."""

    format: int = FORMAT
    look_ahead_frames: int = manifest.LOOK_AHEAD_FRAMES
    epsilon: float = affine.EPSILON
    leak: float = features.LEAK
    nothing: float = source.NOTHING
    data: tuple[str, ...] = ()
    """Digests of the data files."""

    @classmethod
    def current(cls) -> Recipe:
        """Return the recipe of this version."""
        folder = resources.files("wyoming_kokoro") / "data"
        return cls(data=tuple(hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in DATA))

    @property
    def digest(self) -> str:
        """Return a short name that changes whenever the recipe does."""
        return hashlib.sha256(repr(astuple(self)).encode()).hexdigest()[:12]
