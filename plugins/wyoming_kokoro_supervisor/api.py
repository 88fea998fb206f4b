"""The Supervisor's HTTP interface, as far as it is needed."""

from __future__ import annotations

import logging

import httpx

from wyoming_kokoro_supervisor.errors import DiscoveryRejected, SupervisorUnreachable

RESPONSE_TIMEOUT_SECONDS = 10.0
SERVICE = "wyoming"
"""The integration that Home Assistant sets up, as config.yaml lists it under `discovery`."""
MAX_REASON_CHARACTERS = 200


class SupervisorApi:
    """Sends discovery messages."""

    def __init__(self, url: str, token: str, seconds: float = RESPONSE_TIMEOUT_SECONDS) -> None:
        """Open the client, which reads certificates: not for the event loop."""
        logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs every request as news
        self._url = url
        # The Supervisor is next door: no proxy of the environment leads to it.
        self._client = httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=seconds, trust_env=False)

    async def discover(self, uri: str) -> None:
        """Tell of a Wyoming server at `uri`; the same message again changes nothing.

        Raises `SupervisorUnreachable` and `DiscoveryRejected`.
        """
        try:
            answer = await self._client.post(self._url, json={"service": SERVICE, "config": {"uri": uri}})
        except httpx.HTTPError as error:
            raise SupervisorUnreachable(str(error) or type(error).__name__) from None
        if answer.is_server_error:
            raise SupervisorUnreachable(_reason(answer))
        if not answer.is_success:
            raise DiscoveryRejected(_reason(answer))

    async def aclose(self) -> None:
        """Give back the connections."""
        await self._client.aclose()


def _reason(answer: httpx.Response) -> str:
    """Return what went wrong, in the Supervisor's words if it has any."""
    try:
        words = str(answer.json()["message"])[:MAX_REASON_CHARACTERS]
    except (ValueError, LookupError, TypeError):
        words = answer.reason_phrase
    return f"{answer.status_code}: {words}"
