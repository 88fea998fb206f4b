"""A plugin that took the name of another."""

from __future__ import annotations

from wyoming_kokoro import PluginContext


class RivalPlugin:
    """Brings nothing but its name."""

    def __init__(self, context: PluginContext) -> None:
        self.name = context.name
