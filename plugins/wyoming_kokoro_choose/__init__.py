"""Chooses the provider that is fastest here, and another when it becomes slow or fails."""

from __future__ import annotations

import time
from dataclasses import dataclass

from wyoming_kokoro import PluginContext, ProviderSelector, hookimpl
from wyoming_kokoro_choose.by_time import ByTime


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.choose]`."""

    provider: str = ""
    """The provider that runs whatever it can, however fast others are; empty lets the fastest."""


class Choosing:
    """Brings the chooser."""

    def __init__(self, context: PluginContext) -> None:
        self._settings = context.settings(Settings)
        self._log = context.log

    @hookimpl
    def kokoro_choose_provider(self) -> ProviderSelector:
        """Return who chooses by what was measured and by what is seen."""
        return ByTime(self._settings.provider, time.monotonic, self._log)
