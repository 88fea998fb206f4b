"""Announces the server by zeroconf (mDNS), so that Home Assistant finds it by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from wyoming_kokoro import PluginContext, Server, hookimpl
from wyoming_kokoro_zeroconf.addresses import ServiceAnnouncement, can_be_announced, select_addresses
from wyoming_kokoro_zeroconf.instance_name import ConfiguredName, StoredName, name_error

POLL_INTERVAL_SECONDS = 20.0
"""How soon a new address is announced; one look costs a millisecond."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.zeroconf]`."""

    name: str = ""
    """The name that Home Assistant knows the server by; empty means one that is made once and kept."""
    interfaces: tuple[str, ...] = ()
    """The network interfaces to announce on; empty means all that lead into the home's network."""

    def __post_init__(self) -> None:
        if self.name and (reason := name_error(self.name)):
            raise ValueError(reason)


class ZeroconfPlugin:
    """Brings a service that announces the server for as long as it runs."""

    def __init__(self, context: PluginContext, poll_seconds: float = POLL_INTERVAL_SECONDS) -> None:
        self._settings = context.settings(Settings)
        self._file = context.state_dir / "zeroconf.json"
        self._log = context.log
        self._poll_seconds = poll_seconds

    @hookimpl(tryfirst=True)  # which is entered last, and so left first
    def kokoro_services(self, server: Server) -> Iterator[AbstractAsyncContextManager[object]]:
        """Return the announcement, unless no other machine can reach the server.

        What it takes, zeroconf above all, is not imported before the server listens.
        """
        from wyoming_kokoro_zeroconf.announcer import Announcer  # noqa: PLC0415
        from wyoming_kokoro_zeroconf.interfaces import read_interfaces  # noqa: PLC0415

        addresses = [address for address in server.addresses if can_be_announced(address.host)]
        if not addresses:
            self._log.info("The server is not announced: it listens for this machine only")
            return
        hosts = frozenset(address.host for address in addresses)

        def look() -> ServiceAnnouncement:
            return select_addresses(read_interfaces(), hosts, self._settings.interfaces)

        yield Announcer(self._name(), look, addresses[0].port, self._log, self._poll_seconds)

    def _name(self) -> ConfiguredName | StoredName:
        if self._settings.name:
            return ConfiguredName(self._settings.name, self._log)
        return StoredName(self._file, self._log)
