"""Reports the server's state to systemd, which restarts a server that hangs."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from wyoming_kokoro import PluginContext, PluginUnavailable, Server, hookimpl
from wyoming_kokoro.api.observations import ConfigReloaded, Observation
from wyoming_kokoro_systemd.notifier import Notifier
from wyoming_kokoro_systemd.status_reporter import StatusReporter, keepalive_seconds


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of `[plugins.systemd]`: none."""


class SystemdPlugin:
    """Provides a service that reports to systemd, if systemd started the server."""

    def __init__(self, context: PluginContext) -> None:
        context.settings(Settings)
        address = os.environ.get("NOTIFY_SOCKET", "")
        if not address:
            raise PluginUnavailable("not started by a systemd service with Type=notify")
        self._notifier = Notifier(address, context.log)
        self._interval_seconds = keepalive_seconds(os.environ, os.getpid())

    @hookimpl
    def kokoro_services(self, server: Server) -> Iterator[AbstractAsyncContextManager[object]]:
        """Return the status reporter."""
        yield StatusReporter(server, self._notifier, self._interval_seconds)

    @hookimpl
    def kokoro_observe(self, observation: Observation) -> None:
        """Report a finished reload of the configuration."""
        if isinstance(observation, ConfigReloaded):
            self._notifier.notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
            self._notifier.notify("READY=1", f"STATUS={_reload_status(observation)}")


def _reload_status(read: ConfigReloaded) -> str:
    if read.problem:
        return f"Ready with the old settings: {read.problem}"
    if read.needs_restart:
        return f"Ready; restart to apply {', '.join(read.needs_restart)}"
    return "Ready with the new settings"
