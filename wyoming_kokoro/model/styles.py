"""The style vectors of voices and blends."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import numpy as np

from wyoming_kokoro.errors import StartupError
from wyoming_kokoro.model.blend import Blend
from wyoming_kokoro.model.matrices import product
from wyoming_kokoro.types import FloatArray

# [1, 256]: the first half sets the timbre, the second half the prosody.
Style = FloatArray
# A voice has one style for each number of phonemes from 1 to 510.
MAX_PHONEMES = 510
STYLE_WIDTH = 256
# Each voice or blend in memory takes half a megabyte. A client can request any number of blends.
MAX_CACHED_VOICES = 8


class Styles:
    """The styles of all voices and of their blends. A voice is loaded when it first speaks."""

    def __init__(self, names: Iterable[str], load: Callable[[str], FloatArray]) -> None:
        """Take the voices' `names` and a function that returns a voice's styles, [`MAX_PHONEMES`, `STYLE_WIDTH`]."""
        self.names = tuple(names)
        self._load_voice = load
        self._styles = lru_cache(maxsize=MAX_CACHED_VOICES)(self._load)

    @classmethod
    def from_factors(cls, file: Path) -> Styles:
        """Read a file of `tools/data/make_voices.py`, where each voice is a product of two thin matrices.

        Raises `StartupError`.
        """
        with _open_npz(file) as arrays:
            indices = {str(name): index for index, name in enumerate(arrays["names"])}
            left, right = arrays["lengths"], arrays["widths"]

        def load(name: str) -> FloatArray:
            return np.asarray(product(left[indices[name]], right[indices[name]]), dtype=np.float32)

        return cls(indices, load)

    @classmethod
    def from_file(cls, file: Path) -> Styles:
        """Read a `voices-v1.0.bin` of kokoro-onnx: an npz file of arrays [510, 1, 256]. Raises `StartupError`."""
        with _open_npz(file) as arrays:
            names = list(arrays)

        def load(name: str) -> FloatArray:
            with np.load(file) as arrays:
                styles = np.asarray(arrays[name], dtype=np.float32).reshape(-1, STYLE_WIDTH)
            if len(styles) < MAX_PHONEMES:
                raise ValueError(f"voice {name} in {file} has {len(styles)} styles instead of {MAX_PHONEMES}")
            return styles

        return cls(names, load)

    def row(self, name: str, phonemes: int) -> Style:
        """Return the style of a voice or blend for a segment of 1 to 510 `phonemes`."""
        # The model was trained with the row at the count minus one (KPipeline: `pack[len(ps) - 1]`).
        row = min(max(phonemes, 1), MAX_PHONEMES) - 1
        return self.all(name)[row : row + 1]

    def sounds_like(self, other: Styles, name: str) -> bool:
        """Return whether voice `name` is the same here and in `other`, apart from rounding."""
        return all(np.allclose(self.row(name, count), other.row(name, count), atol=1e-3) for count in (10, 100))

    def all(self, name: str) -> FloatArray:
        """Return the styles of a voice or blend for all segment lengths: [`MAX_PHONEMES`, `STYLE_WIDTH`]."""
        return self._styles(name)

    def _load(self, name: str) -> FloatArray:
        if name in self.names:
            return self._load_voice(name)
        shares = Blend.parse(name).shares
        parts = [np.float32(share) * self._load_voice(voice)[:MAX_PHONEMES] for voice, share in shares.items()]
        return np.asarray(np.sum(parts, axis=0), dtype=np.float32)


@contextmanager
def _open_npz(file: Path) -> Iterator[Mapping[str, FloatArray]]:
    try:
        if file.exists() and not zipfile.is_zipfile(file):
            raise ValueError("not an npz file")
        with np.load(file) as arrays:
            yield arrays
    except FileNotFoundError:
        raise StartupError(f"the voices file {file} is missing; check the path") from None
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise StartupError(f"the voices file {file} cannot be read ({error}); download it again") from None
