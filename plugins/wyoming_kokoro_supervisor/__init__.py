"""Announces the server to the Home Assistant Supervisor when it runs as an add-on (called "app" in newer versions)."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager

from wyoming_kokoro import Address, PluginContext, PluginUnavailable, Server, hookimpl

DISCOVERY_URL = "http://supervisor/discovery"
"""Where an add-on registers the services that its config.yaml lists under `discovery`."""
TOKEN_VARIABLE = "SUPERVISOR_TOKEN"  # noqa: S105 the name of a variable, not a secret
"""Environment variable that the Supervisor sets in each add-on."""
INITIAL_RETRY_SECONDS = 1.0


class SupervisorPlugin:
    """Provides a service that registers the server with the Supervisor, which offers it to Home Assistant."""

    def __init__(
        self, context: PluginContext, url: str = DISCOVERY_URL, retry_seconds: float = INITIAL_RETRY_SECONDS
    ) -> None:
        context.expect_no_settings()
        self._token = os.environ.get(TOKEN_VARIABLE, "")
        if not self._token:
            raise PluginUnavailable("works only inside a Home Assistant add-on")
        self._url = url
        self._retry_seconds = retry_seconds
        self._log = context.log

    @hookimpl
    def kokoro_services(self, server: Server) -> Iterator[AbstractAsyncContextManager[object]]:
        """Return the discovery service, or nothing when there is nothing to announce."""
        # aiohttp is slow to import. The server listens before this runs.
        from wyoming_kokoro_supervisor.discovery import DiscoveryService  # noqa: PLC0415

        advertised = server.advertised
        if advertised == "own" and server.addresses:
            advertised = Address(socket.gethostname(), server.addresses[0].port)
        if isinstance(advertised, Address):
            yield DiscoveryService(f"tcp://{advertised}", self._url, self._token, self._retry_seconds, self._log)
