"""Which provider runs a stage: what is known of them, and the role of who decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from wyoming_kokoro.types import Array


@dataclass(frozen=True, slots=True)
class DevicePlacement:
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
    priority: int
    """The usable provider of the highest rank is preferred."""
    precision: str
    """Providers of one precision class give audio that may stand for each other's: `float` or `int8`."""
    open: Callable[[Path, SessionOptions], Session]
    """Open an ONNX file. Runs on a worker thread; any exception makes the next provider be tried."""
    unavailable_reason: str | None = None
    """Why this provider cannot be used here, or None when it can."""
    opens_quickly: bool = True
    """Whether it opens within a second. One that does not is opened in the background, checked, measured, and chosen
    when it is faster; until then, and where it fails, one that is prompt speaks."""
    fixed_shapes: bool = False
    """Whether it wants graphs of fixed shapes: it is given the vocoder for windows of one size."""
    stages: frozenset[str] = frozenset({"vocoder"})
    """What it is tried for in the background, where it is not prompt or wants fixed shapes: `vocoder`, which is most of
    the work, and `albert`, which reads the text, in float and for texts of at most so many tokens."""
    version: str = ""
    """What its speed and its results depend on besides our own code: when it changes, it is measured anew."""


def shrink(session: Session) -> None:
    """Have the next run of `session` give back what it can do without, if it knows how to."""
    if isinstance(session, ShrinkableSession):
        session.shrink()


@runtime_checkable
class ShrinkableSession(Protocol):
    """A session that keeps memory between runs."""

    def shrink(self) -> None:
        """Have the next run give that back. From any thread."""
