"""What a model's sound is known by, before the model is opened."""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass
from importlib import resources
from pathlib import Path

from wyoming_kokoro.api.model_sources import ModelFiles
from wyoming_kokoro.model import adain, features, harmonic_source, manifest
from wyoming_kokoro.onnx.version import onnxruntime_version
from wyoming_kokoro.storage import remembered_sha256

SOUND_REVISION = 1
"""Raise it when the same phonemes sound different: cached phrases of the old sound are then not replayed."""


def model_identity(files: ModelFiles, cache_dir: Path) -> str:
    """Return a name for everything that decides how phonemes sound but the voice and the provider's precision.

    May take a second when the files are new. Raises `OSError`.
    """
    voices = remembered_sha256(files.voices, cache_dir) if files.voices else "ours"
    sound = [remembered_sha256(files.model, cache_dir), voices, Recipe.current().digest, f"sound{SOUND_REVISION}"]
    return " ".join([*sound, onnxruntime_version()])


def fingerprint(identity: str, precision: str) -> str:
    """Return what the sound of the model of `identity` is known by, run in a class of precision."""
    return f"{identity} {precision}"


PREPARATION_REVISION = 3
"""Raise it when the same model is to be prepared in another way."""


DATA_FILES = ("statistics.npz", "ranges.json")


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a model is prepared and its vocoder is fed."""

    format: int = PREPARATION_REVISION
    look_ahead_frames: int = manifest.LOOK_AHEAD_FRAMES
    epsilon: float = adain.EPSILON
    leak: float = features.LEAKY_SLOPE
    nothing: float = harmonic_source.SILENCE_LEVEL
    data: tuple[str, ...] = ()
    """Digests of the data files."""

    @classmethod
    def current(cls) -> Recipe:
        """Return the recipe of this version."""
        folder = resources.files("wyoming_kokoro") / "data"
        return cls(data=tuple(hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in DATA_FILES))

    @property
    def digest(self) -> str:
        """Return a short name that changes whenever the recipe does."""
        return hashlib.sha256(repr(astuple(self)).encode()).hexdigest()[:12]
