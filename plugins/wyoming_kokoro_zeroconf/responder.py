"""One announced service and the sockets it is announced from."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from zeroconf import Error, NonUniqueNameException
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from wyoming_kokoro import __version__
from wyoming_kokoro_zeroconf.addresses import ServiceAnnouncement

SERVICE_TYPE = "_wyoming._tcp.local."
GOODBYE_TIMEOUT_SECONDS = 2.0
CONFLICT_CHECK_MILLISECONDS = 1000
"""How long the holder of a name may take to say where it is."""
MAX_NAME_NUMBER = 20
FAILURES = (OSError, RuntimeError, asyncio.TimeoutError, Error)
"""What zeroconf raises when the network is not as it should be; an address that is gone is a RuntimeError."""


class Responder:
    """Answers for one service. Made on the event loop; `close` gives the sockets back."""

    def __init__(self, sources: Sequence[tuple[str, int]], port: int) -> None:
        """`sources` are those of a `ServiceAnnouncement`. Raises one of `FAILURES`."""
        self._zeroconf = AsyncZeroconf(interfaces=[address for address, _ in sources])
        self._port = port

    async def register(self, name: str, presence: ServiceAnnouncement) -> str:
        """Announce the service as `name`, or with a number when that is taken, and return its name.

        Raises one of `FAILURES`.
        """
        names = [name, *(f"{name}-{number}" for number in range(2, MAX_NAME_NUMBER))]
        for candidate in names:
            service = self._service(candidate, presence)
            with suppress(NonUniqueNameException):
                await self._register(service)
                return candidate
        raise NonUniqueNameException(f"all names up to {names[-1]} are taken")

    async def update(self, name: str, presence: ServiceAnnouncement) -> None:
        """Announce other addresses for the registered `name`."""
        await (await self._zeroconf.async_update_service(self._service(name, presence)))

    async def close(self) -> None:
        """Say goodbye, for a bounded time, and close the sockets. Never fails."""
        try:
            with suppress(*FAILURES):
                await asyncio.wait_for(self._zeroconf.async_unregister_all_services(), GOODBYE_TIMEOUT_SECONDS)
        finally:
            with suppress(*FAILURES):
                await self._zeroconf.async_close()

    async def _register(self, service: AsyncServiceInfo) -> None:
        try:
            announced = await self._zeroconf.async_register_service(service)
        except NonUniqueNameException:
            if not await self._is_echo(service):
                raise
            announced = await self._zeroconf.async_register_service(service, cooperating_responders=True)
        await announced

    async def _is_echo(self, service: AsyncServiceInfo) -> bool:
        """Reflectors and sleep proxies repeat what this server said before: that is no clash."""
        found = AsyncServiceInfo(SERVICE_TYPE, service.name)
        await found.async_request(self._zeroconf.zeroconf, CONFLICT_CHECK_MILLISECONDS)
        here = set(service.parsed_addresses())
        return found.port == service.port and not here.isdisjoint(found.parsed_addresses())

    def _service(self, name: str, presence: ServiceAnnouncement) -> AsyncServiceInfo:
        return AsyncServiceInfo(
            SERVICE_TYPE,
            f"{name}.{SERVICE_TYPE}",
            port=self._port,
            properties={"version": __version__},
            server=f"{name}.local.",  # never the machine's own host name, for which avahi answers
            parsed_addresses=list(presence.addresses),
        )
