"""A text-to-speech server for Home Assistant with the Kokoro voices.

This package exports what plugins need. These are public too: `wyoming_kokoro.api.metrics`,
`wyoming_kokoro.api.observations`, `wyoming_kokoro.http`, `wyoming_kokoro.onnx`, `wyoming_kokoro.subtitles` and
`wyoming_kokoro.testing`. All other modules may change at any time.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wyoming_kokoro.public import *  # noqa: F403
else:

    def __getattr__(name: str) -> object:
        """Return an exported name. All of them take longer to import than `wyoming-kokoro ping` takes."""
        public = import_module("wyoming_kokoro.public")
        # `from wyoming_kokoro import *` asks for `__all__`.
        if name not in ("__all__", *public.__all__):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(public, name)
