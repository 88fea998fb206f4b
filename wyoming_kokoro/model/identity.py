"""What a model's sound is known by, before the model is opened."""

from __future__ import annotations

from pathlib import Path

from wyoming_kokoro.fingerprints import onnxruntime_version, remembered_sha256, sources_digest
from wyoming_kokoro.model.recipe import Recipe
from wyoming_kokoro.types import ModelFiles

PACKAGE = Path(__file__).parents[1]


def identity(files: ModelFiles, cache_dir: Path) -> str:
    """Return a name for everything that decides how phonemes sound but the voice and the provider's precision.

    May take a second when the files are new. Raises `OSError`.
    """
    voices = remembered_sha256(files.voices, cache_dir) if files.voices else "ours"
    sources = sources_digest(*(PACKAGE / part for part in ("model", "speech")))
    sound = [remembered_sha256(files.model, cache_dir), voices, Recipe.current().digest, sources]
    return " ".join([*sound, onnxruntime_version()])


def fingerprint(identity: str, precision: str) -> str:
    """Return what the sound of the model of `identity` is known by, run in a class of precision."""
    return f"{identity} {precision}"
