"""Tells the Supervisor until it knows."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from wyoming_kokoro import BackgroundService
from wyoming_kokoro_supervisor.errors import Refused, Unreachable

LONGEST_WAIT_SECONDS = 300.0


class Api(Protocol):
    """The Supervisor's side."""

    async def discover(self, uri: str) -> None:
        """Tell of a Wyoming server at `uri`. Raises `Unreachable` and `Refused`."""

    async def aclose(self) -> None:
        """Give back the connections."""


class Introduction(BackgroundService):
    """A service that introduces the server in the background; entering it never waits.

    Once is enough: the Supervisor keeps the message, and tells Home Assistant again whenever that starts. It is not
    withdrawn when the server stops: Home Assistant would then remove what its owner has set up.
    """

    def __init__(self, uri: str, url: str, token: str, wait: float, log: logging.Logger) -> None:
        """`url` is the Supervisor's; `wait` is how many seconds to wait after the first failure, then twice as long."""
        self._uri = uri
        self._url = url
        self._token = token
        self._wait = wait
        self._log = log

    async def run(self) -> None:
        """Introduce the server, once."""
        api = await asyncio.to_thread(_opened, self._url, self._token)
        try:
            await self._until_known(api)
        except Refused as refusal:
            self._log.warning(
                "The Supervisor does not offer the server to Home Assistant (%s); "
                "add the integration Wyoming Protocol by hand, for %s",
                refusal,
                self._uri,
            )
        finally:
            await api.aclose()

    async def _until_known(self, api: Api) -> None:
        wait, level = self._wait, logging.WARNING
        while True:
            try:
                await api.discover(self._uri)
            except Unreachable as failure:
                self._log.log(level, "The Supervisor cannot be told of the server (%s); this is tried again", failure)
                await asyncio.sleep(wait)
                wait, level = min(2 * wait, LONGEST_WAIT_SECONDS), logging.DEBUG
            else:
                self._log.info("The Supervisor offers Home Assistant the server at %s", self._uri)
                return


def _opened(url: str, token: str) -> Api:
    from wyoming_kokoro_supervisor.api import SupervisorApi  # noqa: PLC0415 httpx takes a while, and reads files

    return SupervisorApi(url, token)
