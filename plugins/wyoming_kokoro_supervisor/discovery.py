"""Registers the server with the Supervisor."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from wyoming_kokoro import BackgroundService
from wyoming_kokoro_supervisor.errors import DiscoveryRejected, SupervisorUnreachable

if TYPE_CHECKING:
    from wyoming_kokoro_supervisor.api import SupervisorApi

MAX_RETRY_SECONDS = 300.0


class DiscoveryService(BackgroundService):
    """Registers the server with the Supervisor once, in the background.

    The Supervisor stores the message and repeats it whenever Home Assistant starts. The message is not withdrawn when
    the server stops: Home Assistant would then remove the integration that the user has set up.
    """

    def __init__(self, uri: str, url: str, token: str, retry_seconds: float, log: logging.Logger) -> None:
        """`uri` is the server's, `url` the Supervisor's. `retry_seconds` doubles with each failure."""
        self._uri = uri
        self._url = url
        self._token = token
        self._retry_seconds = retry_seconds
        self._log = log

    async def run(self) -> None:
        """Register the server, and retry until the Supervisor accepts or rejects it."""
        api = await asyncio.to_thread(_open_api, self._url, self._token)
        try:
            await self._register(api)
        except DiscoveryRejected as error:
            self._log.warning(
                "Supervisor rejected discovery (%s); add the integration Wyoming Protocol by hand, for %s",
                error,
                self._uri,
            )

    async def _register(self, api: SupervisorApi) -> None:
        seconds, level = self._retry_seconds, logging.WARNING
        while True:
            try:
                await api.discover(self._uri)
            except SupervisorUnreachable as error:
                self._log.log(level, "Supervisor unreachable (%s); will retry", error)
                await asyncio.sleep(seconds)
                seconds, level = min(2 * seconds, MAX_RETRY_SECONDS), logging.DEBUG
            else:
                self._log.info("Registered with the Supervisor for discovery as %s", self._uri)
                return


def _open_api(url: str, token: str) -> SupervisorApi:
    # aiohttp is slow to import, so it is imported here, on a thread.
    from wyoming_kokoro_supervisor.api import SupervisorApi  # noqa: PLC0415

    return SupervisorApi(url, token)
