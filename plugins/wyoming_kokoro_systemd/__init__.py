"""Tells systemd how the server does, which starts it anew when it hangs."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from wyoming_kokoro import PluginContext, PluginUnavailable, Server, hookimpl
from wyoming_kokoro.api.observations import ConfigReloaded, Observation
from wyoming_kokoro_systemd.notifier import Notifier
from wyoming_kokoro_systemd.reporting import Reporting, keep_alive_seconds


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.systemd]`: there is nothing to set."""


class Systemd:
    """Brings a service that reports to systemd, if it was systemd that started the server."""

    def __init__(self, context: PluginContext) -> None:
        context.settings(Settings)
        address = os.environ.get("NOTIFY_SOCKET", "")
        if not address:
            raise PluginUnavailable("the server was not started by a systemd service with Type=notify")
        self._notifier = Notifier(address, context.log)
        self._every = keep_alive_seconds(os.environ, os.getpid())

    @hookimpl
    def kokoro_services(self, server: Server) -> Iterator[AbstractAsyncContextManager[object]]:
        """Return what reports."""
        yield Reporting(server, self._notifier, self._every)

    @hookimpl
    def kokoro_observe(self, observation: Observation) -> None:
        """Tell that the settings were read again."""
        if isinstance(observation, ConfigReloaded):
            moment = time.monotonic_ns() // 1000
            self._notifier.tell("RELOADING=1", f"MONOTONIC_USEC={moment}")
            self._notifier.tell("READY=1", f"STATUS={_outcome(observation)}")


def _outcome(read: ConfigReloaded) -> str:
    if read.problem:
        return f"Speaking with the old settings: {read.problem}"
    if read.needs_restart:
        return f"Speaking; a restart is needed for {', '.join(read.needs_restart)}"
    return "Speaking with the new settings"
