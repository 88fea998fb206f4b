"""Small models that sound like one Kokoro voice each, for a thirtieth of the full model's work."""

from __future__ import annotations

from wyoming_kokoro import PluginContext


class DistilledPlugin:
    """Provides no hook yet."""

    def __init__(self, context: PluginContext) -> None:
        context.expect_no_settings()
