"""The interface of plugins that find model files."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The paths of a model and its voices."""

    model: Path
    """A kokoro-onnx v1.0 model file."""
    voices: Path | None = None
    """A `voices-v1.0.bin` file; None means the voices that wyoming-kokoro contains."""


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """The keys of `[model]`. Empty strings request the default."""

    path: str
    voices: str


@dataclass(frozen=True, slots=True)
class Download:
    """A published file that `wyoming-kokoro download NAME` gets. The server itself never downloads."""

    name: str
    """The name in the command, such as `fp16` or `bf_emma`."""
    description: str
    """What the file is, for people."""
    url: str = field(repr=False)
    """The address of the file. It may contain a password."""
    sha256: str
    file: Path
    """The path under which the file is stored."""
    next_step: str
    """What the user does to use the file, as an imperative sentence."""


@runtime_checkable
class ModelSource(Protocol):
    """Finds model files."""

    @property
    def name(self) -> str:
        """The name in messages."""

    def find(self, request: ModelRequest) -> ModelFiles | None:
        """Return the verified files for `request`, or None if this source does not have them.

        Runs on a worker thread and may take seconds. Raises `StartupError` if the request is for this source but
        cannot be satisfied.
        """
