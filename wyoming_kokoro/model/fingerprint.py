"""What a model's sound is known by, before the model is opened."""

from __future__ import annotations

from pathlib import Path

from wyoming_kokoro.model.recipe import Recipe
from wyoming_kokoro.storage import onnxruntime_version, remembered_sha256
from wyoming_kokoro.types import ModelFiles

SOUND_REVISION = 1
"""Raise it when the same phonemes sound different: cached phrases of the old sound are then not replayed."""


def identity(files: ModelFiles, cache_dir: Path) -> str:
    """Return a name for everything that decides how phonemes sound but the voice and the provider's precision.

    May take a second when the files are new. Raises `OSError`.
    """
    voices = remembered_sha256(files.voices, cache_dir) if files.voices else "ours"
    sound = [remembered_sha256(files.model, cache_dir), voices, Recipe.current().digest, f"sound{SOUND_REVISION}"]
    return " ".join([*sound, onnxruntime_version()])


def fingerprint(identity: str, precision: str) -> str:
    """Return what the sound of the model of `identity` is known by, run in a class of precision."""
    return f"{identity} {precision}"
