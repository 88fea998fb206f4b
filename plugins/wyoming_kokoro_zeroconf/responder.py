"""One announced mDNS service and the sockets that announce it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from zeroconf import DNSQuestionType, Error, NonUniqueNameException
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from wyoming_kokoro import __version__
from wyoming_kokoro_zeroconf.addresses import ServiceAnnouncement
from wyoming_kokoro_zeroconf.instance_name import NumberedName

SERVICE_TYPE = "_wyoming._tcp.local."
GOODBYE_TIMEOUT_SECONDS = 2.0
NAME_CHECK_MILLISECONDS = 1500
"""RFC 6762 section 6 lets a responder delay a repeated multicast reply by a second; the rest is margin."""
TTL_SECONDS = 4500
"""How long clients may remember a service: the value of RFC 6762 section 10."""
SHARED_TTL_SECONDS = 120
"""The same for a service that is not withdrawn."""
FAILURES = (OSError, RuntimeError, asyncio.TimeoutError, Error)
"""What zeroconf raises when the network fails. A removed address raises `RuntimeError`."""


class Responder:
    """Answers mDNS queries for one service.

    Create it on the event loop, and call `close` to release its sockets.
    """

    def __init__(self, sources: Sequence[tuple[str, int]], port: int, *, is_shared: bool = False) -> None:
        """Open a socket for each of `sources`, which come from a `ServiceAnnouncement`. Raises one of `FAILURES`.

        `close` does not withdraw a service that `is_shared` with other servers.
        """
        self._zeroconf = AsyncZeroconf(interfaces=[address for address, _ in sources])
        self._port = port
        self._is_shared = is_shared

    async def register(self, name: NumberedName, announcement: ServiceAnnouncement) -> NumberedName:
        """Announce the service and return its name: the first candidate of `name` that is free.

        Raises one of `FAILURES`.
        """
        for candidate in name.candidates():
            with suppress(NonUniqueNameException):
                await self._register(self._service(candidate, announcement))
                return candidate
        raise NonUniqueNameException(f"all names from {name} to {candidate} are taken")

    async def update(self, name: NumberedName, announcement: ServiceAnnouncement) -> None:
        """Announce other addresses for the registered `name`. Raises one of `FAILURES`."""
        await (await self._zeroconf.async_update_service(self._service(name, announcement)))

    async def close(self) -> None:
        """Withdraw the service within `GOODBYE_TIMEOUT_SECONDS` and close the sockets. Never fails."""
        if self._is_shared:
            # A goodbye would make clients forget a load balancer that still works.
            registry = self._zeroconf.zeroconf.registry
            registry.async_remove(registry.async_get_service_infos())
        try:
            with suppress(*FAILURES):
                await asyncio.wait_for(self._zeroconf.async_unregister_all_services(), GOODBYE_TIMEOUT_SECONDS)
        finally:
            with suppress(*FAILURES):
                # In a cancelled task, `async_close` ends at once and leaves the sockets open if they were not ready.
                await asyncio.create_task(self._zeroconf.async_close())

    async def _register(self, service: AsyncServiceInfo) -> None:
        is_echo = await self._is_echoed(service)
        try:
            announced = await self._zeroconf.async_register_service(service, cooperating_responders=is_echo)
        except NonUniqueNameException:
            if not await self._is_echoed(service):
                raise
            announced = await self._zeroconf.async_register_service(service, cooperating_responders=True)
        await announced

    async def _is_echoed(self, service: AsyncServiceInfo) -> bool:
        """Return whether the network answers for `service` with this server's own port and address.

        Reflectors and sleep proxies repeat earlier announcements of this server, which is no conflict.
        Raises `NonUniqueNameException` when another server owns the name.
        """
        found = AsyncServiceInfo(SERVICE_TYPE, service.name)
        # The probes of zeroconf ask for unicast replies. When several programs on this host share port 5353, the kernel
        # delivers each unicast reply to only one of them. A multicast reply reaches all.
        await found.async_request(self._zeroconf.zeroconf, NAME_CHECK_MILLISECONDS, DNSQuestionType.QM)
        if found.port is None:
            return False
        if found.port != service.port or set(found.parsed_addresses()).isdisjoint(service.parsed_addresses()):
            raise NonUniqueNameException
        return True

    def _service(self, name: NumberedName, announcement: ServiceAnnouncement) -> AsyncServiceInfo:
        return AsyncServiceInfo(
            SERVICE_TYPE,
            f"{name}.{SERVICE_TYPE}",
            port=self._port,
            properties={"version": __version__},
            # Not the host name of this machine: avahi answers for that one.
            server=f"{name}.local.",
            other_ttl=SHARED_TTL_SECONDS if self._is_shared else TTL_SECONDS,
            parsed_addresses=list(announcement.addresses),
        )
