"""Watches the memory of the process, its container and the machine, and has some given back where it is short."""

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
    """Millions of bytes that this process shall keep below, 0 for what the container and the machine allow."""


class MemoryWatchdogPlugin:
    """Brings the service that watches."""

    def __init__(self, context: PluginContext) -> None:
        self._limit_mb = context.settings(Settings).limit_mb
        self._log = context.log

    @hookimpl
    def kokoro_services(self, server: Server) -> Iterator[AbstractAsyncContextManager[object]]:
        """Return the watchdog, which is not imported before the server listens."""
        from wyoming_kokoro_memory_watchdog.sensors import MemorySensors  # noqa: PLC0415
        from wyoming_kokoro_memory_watchdog.thresholds import MEGABYTE  # noqa: PLC0415
        from wyoming_kokoro_memory_watchdog.watchdog import Rhythm, Watchdog  # noqa: PLC0415

        yield Watchdog(server, MemorySensors(self._limit_mb * MEGABYTE, self._log), self._log, Rhythm())
