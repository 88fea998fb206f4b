"""The fingerprint of a model's sound. It is known before the model is opened."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib import resources
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_info

from wyoming_kokoro.api.model_sources import ModelFiles
from wyoming_kokoro.api.providers import Provider
from wyoming_kokoro.config import Config
from wyoming_kokoro.cpu import arithmetic_identity
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


def machine_fingerprint(config: Config, providers: Iterable[Provider]) -> str:
    """Return a text that is equal only for servers that compute the same samples with the same model. Blocks.

    The number of threads does not matter. The kernels of numpy's BLAS do: with those of Haswell and of SkylakeX,
    samples of the full model differ in their last bits, and with those of Nehalem also in their number.
    """
    kernels = {str(library.get("architecture")) for library in threadpool_info() if library["user_api"] == "blas"}
    usable = [
        f"{provider.name} {provider.precision} {provider.version}"
        for provider in providers
        if provider.unavailable_reason is None
    ]
    libraries = (onnxruntime_version(), np.__version__, *sorted(kernels))
    parts = (arithmetic_identity(), *libraries, *usable, config.inference.provider)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


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
