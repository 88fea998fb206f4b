"""Frees memory when the process, its container or the machine runs short of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from wyoming_kokoro import PluginContext, Server, hookimpl


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.memory_watchdog]`."""

    limit_mb: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    """Memory in MB that the server tries to stay below; 0 sets no limit of its own."""


class MemoryWatchdogPlugin:
    """Provides the service that watches memory."""

    def __init__(self, context: PluginContext) -> None:
        self._limit_mb = context.settings(Settings).limit_mb
        self._log = context.log

    @hookimpl
    def kokoro_services(self, server: Server) -> Iterator[AbstractAsyncContextManager[object]]:
        """Return the watchdog."""
        # Imported here because the server listens sooner without these modules.
        from wyoming_kokoro_memory_watchdog.sensors import MemorySensors  # noqa: PLC0415
        from wyoming_kokoro_memory_watchdog.thresholds import MEGABYTE  # noqa: PLC0415
        from wyoming_kokoro_memory_watchdog.watchdog import Watchdog  # noqa: PLC0415

        sensors = MemorySensors(self._limit_mb * MEGABYTE, self._log)
        yield Watchdog(server, sensors, self._log)
