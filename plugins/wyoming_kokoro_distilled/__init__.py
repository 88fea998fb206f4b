"""Small models that sound like one Kokoro voice each, for a thirtieth of the full model's work."""

from __future__ import annotations

from dataclasses import dataclass

from wyoming_kokoro import PluginContext


@dataclass(frozen=True, slots=True)
class NoSettings:
    """`[plugins.distilled]` has no keys of its own."""


class DistilledPlugin:
    """Provides no hook yet."""

    def __init__(self, context: PluginContext) -> None:
        context.settings(NoSettings)
