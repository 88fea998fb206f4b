"""What plugins that find model files implement."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable


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
