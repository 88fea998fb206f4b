"""The fingerprint of a model's sound. It is known before the model is opened."""

from __future__ import annotations

import hashlib
from importlib import resources
from pathlib import Path

from wyoming_kokoro.api.model_sources import ModelFiles
from wyoming_kokoro.model import adain, features, harmonic_source, manifest
from wyoming_kokoro.onnx.version import onnxruntime_version
from wyoming_kokoro.storage import remembered_sha256

# Raise this when the same phonemes sound different. Cached phrases with the old sound are then not played.
SOUND_REVISION = 2
# Raise this when the same model is prepared in another way.
PREPARATION_REVISION = 3
DATA_FILES = ("statistics.npz", "ranges.json")


def model_identity(files: ModelFiles, cache_dir: Path) -> str:
    """Return a text that changes when phonemes sound different, except by voice and by precision.

    Takes about a second for files that are not in the digest cache. Raises `OSError`.
    """
    voices = remembered_sha256(files.voices, cache_dir) if files.voices else "ours"
    sound = [remembered_sha256(files.model, cache_dir), voices, recipe_digest(), f"sound{SOUND_REVISION}"]
    return " ".join([*sound, onnxruntime_version()])


def fingerprint(identity: str, precision: str) -> str:
    """Return the fingerprint of the model with this `identity`, run in this precision."""
    return f"{identity} {precision}"


def recipe_digest() -> str:
    """Return a short text that changes with every parameter of preparing a model and of feeding its vocoder."""
    folder = resources.files("wyoming_kokoro") / "data"
    parameters = (
        PREPARATION_REVISION,
        manifest.LOOK_AHEAD_FRAMES,
        adain.EPSILON,
        features.LEAKY_SLOPE,
        harmonic_source.MIN_MAGNITUDE,
        tuple(hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in DATA_FILES),
    )
    return hashlib.sha256(repr(parameters).encode()).hexdigest()[:12]
