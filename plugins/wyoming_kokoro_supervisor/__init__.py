"""Tells the Supervisor of Home Assistant where the server is, when it runs as an add-on (an "app" in newer words)."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from wyoming_kokoro import PluginContext, PluginUnavailable, Server, hookimpl
from wyoming_kokoro_supervisor.discovery import DiscoveryService

DISCOVERY_URL = "http://supervisor/discovery"
"""Where an add-on tells of the services that its config.yaml lists under `discovery`."""
TOKEN = "SUPERVISOR_TOKEN"  # noqa: S105 the name of the variable
"""The environment variable that the Supervisor gives each add-on."""
INITIAL_RETRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.supervisor]`."""


class SupervisorPlugin:
    """Brings a service that introduces the server to the Supervisor, which offers it to Home Assistant."""

    def __init__(self, context: PluginContext, url: str = DISCOVERY_URL, wait: float = INITIAL_RETRY_SECONDS) -> None:
        context.settings(Settings)
        self._token = os.environ.get(TOKEN, "")
        if not self._token:
            raise PluginUnavailable("works only inside a Home Assistant add-on")
        self._url = url
        self._wait = wait
        self._log = context.log

    @hookimpl
    def kokoro_services(self, server: Server) -> Iterator[AbstractAsyncContextManager[object]]:
        """Return the introduction, unless the server listens on no TCP port."""
        if server.addresses:
            uri = f"tcp://{socket.gethostname()}:{server.addresses[0].port}"
            yield DiscoveryService(uri, self._url, self._token, self._wait, self._log)
