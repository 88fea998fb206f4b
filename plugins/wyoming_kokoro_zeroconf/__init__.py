"""Announces the server by zeroconf (mDNS), so that Home Assistant discovers it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from wyoming_kokoro import Address, PluginContext, Server, hookimpl
from wyoming_kokoro_zeroconf.addresses import WILDCARDS, ServiceAnnouncement, can_be_announced, select_addresses
from wyoming_kokoro_zeroconf.instance_name import InstanceName, balancer_name, name_error

POLL_INTERVAL_SECONDS = 20.0
"""How often the interfaces are read. One reading takes about a millisecond."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of `[plugins.zeroconf]`."""

    name: str = ""
    """Name that Home Assistant shows for this server. Empty: generated at the first start and stored."""
    interfaces: tuple[str, ...] = ()
    """Network interfaces to announce on. Empty: all that belong to the home network."""

    def __post_init__(self) -> None:
        if self.name and (reason := name_error(self.name)):
            raise ValueError(reason)


class ZeroconfPlugin:
    """Provides a service that announces the server while it runs."""

    def __init__(self, context: PluginContext, poll_seconds: float = POLL_INTERVAL_SECONDS) -> None:
        self._settings = context.settings(Settings)
        self._state_dir = context.state_dir
        self._log = context.log
        self._poll_seconds = poll_seconds

    # Services are left in reverse order: the announcement is withdrawn before the others stop.
    @hookimpl(tryfirst=True)
    def kokoro_services(self, server: Server) -> Iterator[AbstractAsyncContextManager[object]]:
        """Return the announcer, or nothing when other machines cannot reach the server."""
        # These imports include zeroconf, which is slow to import. The server listens before they run.
        from wyoming_kokoro_zeroconf.announcer import Announcer  # noqa: PLC0415
        from wyoming_kokoro_zeroconf.interfaces import read_interfaces, resolve_host  # noqa: PLC0415

        advertised = server.advertised
        if advertised == "none":
            self._log.info("Server is not announced ([server] advertise)")
            return
        if isinstance(advertised, Address):

            def find_balancer() -> ServiceAnnouncement:
                addresses = resolve_host(advertised.host)
                sources = select_addresses(read_interfaces(), WILDCARDS, self._settings.interfaces).sources
                return ServiceAnnouncement(addresses if sources else (), sources)

            configured = self._settings.name or balancer_name(advertised.host, advertised.port)
            name = self._instance_name(configured, advertised.port)
            yield Announcer(name, find_balancer, advertised.port, self._log, self._poll_seconds, is_shared=True)
            return
        addresses = [address for address in server.addresses if can_be_announced(address.host)]
        if not addresses:
            self._log.info("Server is not announced: it listens on this machine only")
            return
        hosts = frozenset(address.host for address in addresses)

        def find_addresses() -> ServiceAnnouncement:
            return select_addresses(read_interfaces(), hosts, self._settings.interfaces)

        port = addresses[0].port
        name = self._instance_name(self._settings.name, port)
        yield Announcer(name, find_addresses, port, self._log, self._poll_seconds)

    def _instance_name(self, configured: str, port: int) -> InstanceName:
        # Servers of one user share the directory, but each needs a name of its own.
        return InstanceName(configured, self._state_dir / f"zeroconf-{port}.json", self._log)
