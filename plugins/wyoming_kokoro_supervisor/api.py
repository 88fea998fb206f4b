"""The discovery part of the Supervisor's HTTP API."""

from __future__ import annotations

import asyncio

import aiohttp

from wyoming_kokoro_supervisor.errors import DiscoveryRejected, SupervisorUnreachable

RESPONSE_TIMEOUT_SECONDS = 10.0
SERVICE = "wyoming"
"""The Home Assistant integration, as config.yaml lists it under `discovery`."""
MAX_REASON_CHARACTERS = 200


class SupervisorApi:
    """Sends discovery messages to the Supervisor."""

    def __init__(self, url: str, token: str, timeout_seconds: float = RESPONSE_TIMEOUT_SECONDS) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._timeout = aiohttp.ClientTimeout(timeout_seconds)

    async def discover(self, uri: str) -> None:
        """Register the Wyoming server at `uri`. A repeated message changes nothing.

        Raises `SupervisorUnreachable` and `DiscoveryRejected`.
        """
        message = {"service": SERVICE, "config": {"uri": uri}}
        try:
            async with (
                aiohttp.ClientSession(headers=self._headers, timeout=self._timeout) as session,
                session.post(self._url, json=message) as response,
            ):
                if not response.ok:
                    error = SupervisorUnreachable if response.status >= 500 else DiscoveryRejected
                    raise error(await _reason(response))
        # aiohttp's time-outs are both, so this comes first.
        except asyncio.TimeoutError:
            raise SupervisorUnreachable(f"no answer within {self._timeout.total:g} s") from None
        except aiohttp.ClientError as error:
            raise SupervisorUnreachable(str(error) or type(error).__name__) from None


async def _reason(response: aiohttp.ClientResponse) -> str:
    """Return the status code with the Supervisor's message, or with the HTTP reason if there is no message."""
    try:
        message = str((await response.json(content_type=None))["message"])[:MAX_REASON_CHARACTERS]
    except (aiohttp.ClientError, ValueError, LookupError, TypeError):
        message = response.reason or ""
    return f"{response.status}: {message}"
