"""What preparation tells about the stages it made: a small file beside them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from wyoming_kokoro.model.graph.carry import Carried

FILE = "manifest.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """How the stages of one model are run."""

    carried: tuple[Carried, ...]
    """What the vocoder carries from window to window."""
    lag: int
    """How many hops the vocoder's output lags behind its input."""
    look_ahead: int
    """How many frames the source is fed ahead of the decoder's frames."""
    harmonics: tuple[float, ...]
    """How the sines are mixed into the source."""
    offset: float
    """What is added to the mixture."""

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest of a prepared model. Raises `OSError` and `msgspec.MsgspecError`."""
        return msgspec.json.decode((folder / FILE).read_bytes(), type=cls)

    def write(self, folder: Path) -> None:
        """Write the manifest."""
        (folder / FILE).write_bytes(msgspec.json.encode(self))
