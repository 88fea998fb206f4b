"""Registers the server with the Supervisor."""

from __future__ import annotations

import asyncio
import logging

import aiohttp

from wyoming_kokoro import BackgroundService

MAX_RETRY_SECONDS = 300.0
RESPONSE_TIMEOUT_SECONDS = 10.0
SERVICE = "wyoming"
"""The Home Assistant integration, as config.yaml lists it under `discovery`."""
MAX_REASON_CHARACTERS = 200


class SupervisorUnreachable(Exception):
    """The Supervisor does not answer, or answers with a server error. A retry may succeed."""


class DiscoveryRejected(Exception):
    """The Supervisor rejects the message. A retry cannot succeed."""


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
        seconds, level = self._retry_seconds, logging.WARNING
        while True:
            try:
                await send_discovery(self._uri, self._url, self._token)
            except SupervisorUnreachable as error:
                self._log.log(level, "Supervisor unreachable (%s); will retry", error)
                await asyncio.sleep(seconds)
                seconds, level = min(2 * seconds, MAX_RETRY_SECONDS), logging.DEBUG
            except DiscoveryRejected as error:
                advice = "Supervisor rejected discovery (%s); add the integration Wyoming Protocol by hand, for %s"
                self._log.warning(advice, error, self._uri)
                return
            else:
                self._log.info("Registered with the Supervisor for discovery as %s", self._uri)
                return


async def send_discovery(uri: str, url: str, token: str, timeout_seconds: float = RESPONSE_TIMEOUT_SECONDS) -> None:
    """Register the Wyoming server at `uri` with the Supervisor at `url`. A repeated message changes nothing.

    Raises `SupervisorUnreachable` and `DiscoveryRejected`.
    """
    headers, timeout = {"Authorization": f"Bearer {token}"}, aiohttp.ClientTimeout(timeout_seconds)
    try:
        async with (
            aiohttp.ClientSession(headers=headers, timeout=timeout) as session,
            session.post(url, json={"service": SERVICE, "config": {"uri": uri}}) as response,
        ):
            if not response.ok:
                error = SupervisorUnreachable if response.status >= 500 else DiscoveryRejected
                raise error(await _reason(response))
    # aiohttp's time-outs are both, so this comes first.
    except asyncio.TimeoutError:
        raise SupervisorUnreachable(f"no answer within {timeout_seconds:g} s") from None
    except aiohttp.ClientError as error:
        raise SupervisorUnreachable(str(error) or type(error).__name__) from None


async def _reason(response: aiohttp.ClientResponse) -> str:
    """Return the status code with the Supervisor's message, or with the HTTP reason if there is no message."""
    try:
        message = str((await response.json(content_type=None))["message"])[:MAX_REASON_CHARACTERS]
    except (aiohttp.ClientError, ValueError, LookupError, TypeError):
        message = response.reason or ""
    return f"{response.status}: {message}"
