"""Announces the server by zeroconf (mDNS), so that Home Assistant finds it by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from wyoming_kokoro import PluginContext, Server, hookimpl
from wyoming_kokoro_zeroconf.addresses import Presence, can_be_announced, choose
from wyoming_kokoro_zeroconf.instance import GivenName, KeptName, why_not_a_name

POLL_SECONDS = 20.0
"""How soon a new address is announced; one look costs a millisecond."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.zeroconf]`."""

    name: str = ""
    """The name that Home Assistant knows the server by; empty means one that is made once and kept."""
    interfaces: tuple[str, ...] = ()
    """The network interfaces to announce on; empty means all that lead into the home's network."""

    def __post_init__(self) -> None:
        if self.name and (reason := why_not_a_name(self.name)):
            raise ValueError(reason)


class Announcement:
    """Brings a service that announces the server for as long as it runs."""

    def __init__(self, context: PluginContext, poll_seconds: float = POLL_SECONDS) -> None:
        self._settings = context.settings(Settings)
        self._file = context.state_dir / "zeroconf.json"
        self._log = context.log
        self._poll_seconds = poll_seconds

    @hookimpl(tryfirst=True)  # which is entered last, and so left first
    def kokoro_services(self, server: Server) -> Iterator[AbstractAsyncContextManager[object]]:
        """Return the announcement, unless no other machine can reach the server.

        What it takes, zeroconf above all, is not imported before the server listens.
        """
        from wyoming_kokoro_zeroconf.adapters import adapters  # noqa: PLC0415
        from wyoming_kokoro_zeroconf.announcer import Announcer  # noqa: PLC0415

        addresses = [address for address in server.addresses if can_be_announced(address.host)]
        if not addresses:
            self._log.info("The server is not announced: it listens for this machine only")
            return
        hosts = frozenset(address.host for address in addresses)

        def look() -> Presence:
            return choose(adapters(), hosts, self._settings.interfaces)

        yield Announcer(self._name(), look, addresses[0].port, self._log, self._poll_seconds)

    def _name(self) -> GivenName | KeptName:
        if self._settings.name:
            return GivenName(self._settings.name, self._log)
        return KeptName(self._file, self._log)
