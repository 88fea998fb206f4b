"""The voices: what they are called, and the style each one gives the model."""

from __future__ import annotations

import re
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
from wyoming_kokoro.types import Voice

Style = npt.NDArray[np.float32]
"""Shape (1, 256): the first half colours the sound, the second half the prosody."""

LENGTHS = 510
"""A voice has one style for every number of phonemes from 1 to 510."""
WIDTH = 256
RECENT = 8
"""How many voices' styles are kept in memory, at half a megabyte each; whoever asks for endless blends gets no more."""

_LANGUAGES = {
    "a": ("en-US", "US"),
    "b": ("en-GB", "British"),
    "e": ("es", "Spanish"),
    "f": ("fr-FR", "French"),
    "h": ("hi", "Hindi"),
    "i": ("it", "Italian"),
    "j": ("ja", "Japanese"),
    "p": ("pt-BR", "Brazilian"),
    "z": ("zh-CN", "Chinese"),
}
_GENDERS = {"f": "female", "m": "male"}
_NAME = re.compile(rf"[{''.join(_LANGUAGES)}][{''.join(_GENDERS)}]_[^\s+*()]*")

_GRADES = {
    "A": "af_heart",
    "A-": "af_bella",
    "B-": "af_nicole bf_emma ff_siwis",
    "C+": "af_aoede af_kore af_sarah am_fenrir am_michael am_puck jf_alpha",
    "C": "af_alloy af_nova bf_isabella bm_fable bm_george hf_alpha hf_beta hm_omega hm_psi if_sara im_nicola"
    " jf_gongitsune jf_tebukuro",
    "C-": "af_sky jf_nezumi jm_kumo",
    "D+": "bm_lewis",
    "D": "af_jessica af_river am_echo am_eric am_liam am_onyx bf_alice bf_lily bm_daniel zf_xiaobei zf_xiaoni"
    " zf_xiaoxiao zf_xiaoyi zm_yunjian zm_yunxi zm_yunxia zm_yunyang",
    "D-": "am_santa",
    "F+": "am_adam",
}
"""The overall grades in the model's own `VOICES.md`; the Spanish and Portuguese voices have none."""


def catalogue(names: Iterable[str]) -> tuple[Voice, ...]:
    """Return the voices that `names` stand for.

    A name is `<language letter><f or m>_<name>`, such as `af_heart`; others are left out, since one cannot
    know what they speak, or could not tell them from blends.
    """
    grades = {name: grade for grade, listed in _GRADES.items() for name in listed.split()}
    return tuple(_voice(name, grades.get(name, "")) for name in names if _NAME.fullmatch(name))


def title(name: str) -> str:
    """Return what a person calls the voice `name`: `Heart`."""
    return name[3:].title()


def _voice(name: str, grade: str) -> Voice:
    language, accent = _LANGUAGES[name[0]]
    who = f"{title(name)} ({accent}, {_GENDERS[name[1]]})"
    # Home Assistant's default is the first description in string order: "A," < "A-" and "C+" < "C," < "C-".
    return Voice(name, language, f"{grade}, {who}" if grade else who, grade)


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
        self._styles = lru_cache(maxsize=RECENT)(self._made)

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
        row = min(max(phonemes, 1), LENGTHS) - 1
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
        parts = [np.float32(share) * self._source.styles(voice)[:LENGTHS] for voice, share in shares.items()]
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
            styles = np.asarray(arrays[name], dtype=np.float32).reshape(-1, WIDTH)
        if len(styles) < LENGTHS:
            raise ValueError(f"voice {name} in {self._file} has {len(styles)} styles instead of {LENGTHS}")
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
