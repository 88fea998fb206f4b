"""The style vectors of voices."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from wyoming_kokoro.errors import StartupError
from wyoming_kokoro.model.blend import Blend

Style = npt.NDArray[np.float32]
"""Shape (1, 256): the first half colours the sound, the second half the prosody."""
MAX_PHONEMES = 510
"""A voice has one style for every number of phonemes from 1 to 510."""


STYLE_WIDTH = 256


MAX_CACHED_VOICES = 8
"""How many voices' styles are kept in memory, at half a megabyte each; whoever asks for endless blends gets no more."""


class _Source(Protocol):
    def styles(self, name: str) -> npt.NDArray[np.float32]:
        """Return the styles of a voice, shape (`LENGTHS`, `WIDTH`)."""


class Styles:
    """The styles of all voices and of blends of them, made or read when a voice first speaks.

    A blend is named as `Blend.sound` writes it.
    """

    def __init__(self, names: Iterable[str], source: _Source) -> None:
        self.names = tuple(names)
        self._source = source
        self._styles = lru_cache(maxsize=MAX_CACHED_VOICES)(self._made)

    @classmethod
    def from_factors(cls, file: Path) -> Styles:
        """Read the factors that `tools/data/make_voices.py` writes. Raises `StartupError`."""
        factors = _Factors(file)
        return cls(factors.names, factors)

    @classmethod
    def from_file(cls, file: Path) -> Styles:
        """Read a `voices-v1.0.bin` of kokoro-onnx. Raises `StartupError`."""
        archive = _Archive(file)
        return cls(archive.names, archive)

    def row(self, name: str, phonemes: int) -> Style:
        """Return the style of voice `name` for a segment of 1 to 510 `phonemes`.

        The model was trained with the row of one less than the count (KPipeline: `pack[len(ps) - 1]`).
        """
        row = min(max(phonemes, 1), MAX_PHONEMES) - 1
        return self.all(name)[row : row + 1]

    def sounds_like(self, other: Styles, name: str) -> bool:
        """Return whether voice `name` is the same here as in `other`, but for rounding."""
        return all(np.allclose(self.row(name, count), other.row(name, count), atol=1e-3) for count in (10, 100))

    def all(self, name: str) -> npt.NDArray[np.float32]:
        """Return the styles of voice `name` for every length, shape (`LENGTHS`, `WIDTH`)."""
        return self._styles(name)

    def _made(self, name: str) -> npt.NDArray[np.float32]:
        if name in self.names:
            return self._source.styles(name)
        shares = Blend.parse(name).shares
        parts = [np.float32(share) * self._source.styles(voice)[:MAX_PHONEMES] for voice, share in shares.items()]
        return np.asarray(np.sum(parts, axis=0), dtype=np.float32)


class _Factors:
    """Every voice as a product of two thin matrices."""

    def __init__(self, file: Path) -> None:
        with _opened(file) as arrays:
            self.names = [str(name) for name in arrays["names"]]
            self._lengths = arrays["lengths"]
            self._widths = arrays["widths"]

    def styles(self, name: str) -> npt.NDArray[np.float32]:
        index = self.names.index(name)
        return np.asarray(self._lengths[index] @ self._widths[index], dtype=np.float32)


class _Archive:
    """kokoro-onnx's form: an npz of arrays of shape (510, 1, 256)."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.names = _names(file)

    def styles(self, name: str) -> npt.NDArray[np.float32]:
        with np.load(self._file) as arrays:
            styles = np.asarray(arrays[name], dtype=np.float32).reshape(-1, STYLE_WIDTH)
        if len(styles) < MAX_PHONEMES:
            raise ValueError(f"voice {name} in {self._file} has {len(styles)} styles instead of {MAX_PHONEMES}")
        return styles


def _names(file: Path) -> list[str]:
    with _opened(file) as arrays:
        return list(arrays)


@contextmanager
def _opened(file: Path) -> Iterator[Mapping[str, npt.NDArray[np.float32]]]:
    try:
        if file.exists() and not zipfile.is_zipfile(file):
            raise ValueError("it is no npz archive")
        with np.load(file) as arrays:
            yield arrays
    except FileNotFoundError:
        raise StartupError(f"the voices file {file} is missing; check the path") from None
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise StartupError(f"the voices file {file} cannot be read ({error}); get it anew") from None
