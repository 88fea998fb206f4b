"""What goes wrong when a model is prepared."""

from __future__ import annotations

from wyoming_kokoro.errors import KokoroError


class GraphMismatch(KokoroError):
    """The model's graph does not have a pattern that preparation needs: it is decoded whole instead."""
