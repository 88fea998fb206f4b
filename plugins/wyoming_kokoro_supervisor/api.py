"""The discovery part of the Supervisor's HTTP API."""

from __future__ import annotations

import logging

import httpx

from wyoming_kokoro_supervisor.errors import DiscoveryRejected, SupervisorUnreachable

RESPONSE_TIMEOUT_SECONDS = 10.0
SERVICE = "wyoming"
"""The Home Assistant integration, as config.yaml lists it under `discovery`."""
MAX_REASON_CHARACTERS = 200


class SupervisorApi:
    """Sends discovery messages to the Supervisor."""

    def __init__(self, url: str, token: str, timeout_seconds: float = RESPONSE_TIMEOUT_SECONDS) -> None:
        """Open the HTTP client. This reads certificate files, so call it on a thread."""
        # At the level INFO, httpx logs every request.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self._url = url
        # The Supervisor is on the same machine, so the proxies of the environment do not apply.
        self._client = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {token}"}, timeout=timeout_seconds, trust_env=False
        )

    async def discover(self, uri: str) -> None:
        """Register the Wyoming server at `uri`. A repeated message changes nothing.

        Raises `SupervisorUnreachable` and `DiscoveryRejected`.
        """
        try:
            response = await self._client.post(self._url, json={"service": SERVICE, "config": {"uri": uri}})
        except httpx.HTTPError as error:
            raise SupervisorUnreachable(str(error) or type(error).__name__) from None
        if response.is_server_error:
            raise SupervisorUnreachable(_reason(response))
        if not response.is_success:
            raise DiscoveryRejected(_reason(response))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _reason(response: httpx.Response) -> str:
    """Return the status code with the Supervisor's message, or with the HTTP reason if there is no message."""
    try:
        message = str(response.json()["message"])[:MAX_REASON_CHARACTERS]
    except (ValueError, LookupError, TypeError):
        message = response.reason_phrase
    return f"{response.status_code}: {message}"
