"""The interface of plugins that run stages of the model, for the hook `kokoro_providers`.

`examples/provider` is a whole plugin.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from wyoming_kokoro.types import Array


@dataclass(frozen=True, slots=True)
class DevicePlacement:
    """The share of a session's work that an accelerator does, according to the runtime's plan."""

    device: str
    """The accelerator, for people: `Neural Engine`."""
    share: float
    """0 to 1."""


class Session(Protocol):
    """An open stage of the model. Only one thread uses it at a time.

    A session may have these attributes:
    - `note`, a text for the operator, which `check` shows;
    - `placement`, a `DevicePlacement` or None, which is observed when the session's provider takes over;
    - `shrink()`, which makes the next run free memory that the session keeps between runs.
    """

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """Return every output by its name. The arrays must not change later."""

    def close(self) -> None:
        """Free the memory. The session is not used again."""


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """Options for the opening of a session."""

    threads: int
    """The number of threads that one run may use."""
    cache_dir: Path
    """A folder for compiled graphs."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Opens sessions for stages of the model."""

    name: str
    priority: int
    """Before anything is measured, the highest priority runs. Afterwards the fastest runs."""
    precision: str
    """Providers with the same precision give equivalent audio: `float`, `float16`, `int8`, `bfloat16` or `mixed`."""
    open: Callable[[Path, SessionOptions], Session]
    """Opens an ONNX file. Runs on a worker thread. After any exception the server uses the next provider."""
    unavailable_reason: str | None = None
    """Why the provider cannot run on this machine; None if it can."""
    opens_quickly: bool = True
    """Whether it opens within a second.

    The server opens other providers in the background, compares their output and their speed, and selects them if
    they are faster. Until then a provider that opens quickly is in use.
    """
    fixed_shapes: bool = False
    """Whether it needs graphs with fixed shapes. It then gets the vocoder for windows of 16 frames."""
    stages: frozenset[str] = frozenset({"vocoder"})
    """The stages for trials if it opens slowly or needs fixed shapes.

    `vocoder` is most of the work. `albert` reads the text, in float, with at most 32, 64 or 128 tokens.
    """
    process: bool = False
    """Whether its sessions run in child processes, because its driver can crash, hang or leak.

    `open` must then be picklable, such as a function of a module. A process is started in the background, as if
    `opens_quickly` were False. After a failure the CPU repeats the window, and another process opens the session again.
    """
    version: str = ""
    """Anything besides our code that determines its results, such as the driver. A new version is measured again."""


def shrink(session: Session) -> None:
    """Make the next run of `session` free memory, if the session supports that."""
    if isinstance(session, ShrinkableSession):
        session.shrink()


@runtime_checkable
class ShrinkableSession(Protocol):
    """A session that keeps memory between runs."""

    def shrink(self) -> None:
        """Make the next run free that memory. May be called from any thread."""
