"""The data and the roles that the stations of the path, and the plugins, hand to each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

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
class ModelFiles:
    """Where the model and, if they are not our own, its voices lie."""

    model: Path
    """A kokoro-onnx v1.0 model file."""
    voices: Path | None = None
    """A `voices-v1.0.bin` file; None means the voices that ship with wyoming-kokoro."""


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """Which model the configuration asks for. Empty strings stand for the default."""

    path: str
    voices: str
    may_download: bool = False
    """True for `wyoming-kokoro download`. The server never downloads."""


@runtime_checkable
class ModelSource(Protocol):
    """A place where model files come from."""

    @property
    def name(self) -> str:
        """How messages call this source."""

    def find(self, request: ModelRequest) -> ModelFiles | None:
        """Return the verified files for `request`, or None if this source has none.

        Runs on a worker thread and may take seconds. Raises `StartupError` when the request
        is meant for this source but cannot be met.
        """


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the work of a session is done, by the plan of whoever does it."""

    device: str
    """The accelerator, for people: `Neural Engine`."""
    share: float
    """How much of the work is its, 0 to 1."""


class Session(Protocol):
    """An opened stage of the model. Used by one thread at a time.

    One that has something to tell the owner of the machine has an attribute `note`, which `check` shows. One that
    knows how much of its work an accelerator does has an attribute `placement`, a `Placement` or None, which is
    observed when its provider takes over. One that keeps memory between runs has a method `shrink()`, which may be
    called from any thread: the next run gives that back.
    """

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """Return every output by its name."""

    def close(self) -> None:
        """Give back the memory; the session is not used again."""


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """How a stage is to be opened."""

    threads: int
    """Threads that one run may use."""
    cache_dir: Path
    """Where compiled forms may be kept."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Something that can run stages of the model."""

    name: str
    rank: int
    """The usable provider of the highest rank is preferred."""
    precision: str
    """Providers of one precision class give audio that may stand for each other's: `float` or `int8`."""
    open: Callable[[Path, SessionOptions], Session]
    """Open an ONNX file. Runs on a worker thread; any exception makes the next provider be tried."""
    why_not: str | None = None
    """Why this provider cannot be used here, or None when it can."""
    prompt: bool = True
    """Whether it opens within a second. One that does not is opened in the background, checked, measured, and chosen
    when it is faster; until then, and where it fails, one that is prompt speaks."""
    fixed: bool = False
    """Whether it wants graphs of fixed shapes: it is given the vocoder for windows of one size."""
    stages: frozenset[str] = frozenset({"vocoder"})
    """What it is tried for in the background, where it is not prompt or wants fixed shapes: `vocoder`, which is most of
    the work, and `albert`, which reads the text, in float and for texts of at most so many tokens."""
    version: str = ""
    """What its speed and its results depend on besides our own code: when it changes, it is measured anew."""


@runtime_checkable
class Phonemizer(Protocol):
    """Turns text of one language into phonemes.

    One that rests on something that may change apart from its own code, such as a dictionary, has an attribute
    `version`, a string that changes with it: phonemes are remembered. One that cannot read some words, such as those
    in Latin letters, has an attribute `foreign`, a compiled pattern that finds them: they are said in English.
    """

    def phonemize(self, text: str) -> str:
        """Return IPA with punctuation kept. Runs on a worker thread, from one call at a time."""


@dataclass(frozen=True, slots=True)
class TextFilter:
    """One step that makes text speakable. Filters run in `order`, lowest first.

    A filter that knows how something sounds writes `spoken(ipa)` in its place.
    """

    name: str
    order: int
    apply: Callable[[str], str]
    languages: frozenset[str] = field(default_factory=frozenset)
    """Languages (`en-GB`) or primary subtags (`en`) this filter is for; empty means all."""
    version: str = ""
    """What its results depend on besides our own code and settings, such as a dictionary: phonemes are remembered."""

    def is_for(self, language: str) -> bool:
        """Return whether it is for a BCP-47 `language`."""
        return not self.languages or not self.languages.isdisjoint({language, language.split("-", 1)[0].lower()})


@dataclass(frozen=True, slots=True)
class Address:
    """A TCP address that the server listens on."""

    host: str
    port: int
