"""Keeps the announcement true while networks come, change and go."""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from wyoming_kokoro import BackgroundService
from wyoming_kokoro_zeroconf.addresses import Presence
from wyoming_kokoro_zeroconf.responder import FAILURES, Responder

NOWHERE = Presence()


class Name(Protocol):
    """Where the server's name comes from. Its methods may block, so they run on a thread."""

    def name(self) -> str:
        """Return the name."""

    def rename(self, name: str) -> None:
        """Take note that another machine had the name, so that it is `name` now."""


class Announcer(BackgroundService):
    """A service that announces the server in the background, for as long as it is entered.

    Entering never waits for the network. What the network does wrong is logged once and tried again.
    """

    def __init__(
        self,
        name: Name,
        look: Callable[[], Presence],
        port: int,
        log: logging.Logger,
        poll_seconds: float,
    ) -> None:
        """`look` returns what there is to announce right now; it runs on a thread."""
        self._kept = name
        self._look = look
        self._port = port
        self._log = log
        self._poll_seconds = poll_seconds
        self._name = ""
        self._responder: Responder | None = None
        self._shown: Presence | None = None
        self._failing = False

    async def run(self) -> None:
        """Announce what there is, again whenever that changes."""
        with _each_complaint_once():
            try:
                self._name = await asyncio.to_thread(self._kept.name)
                while True:
                    await self._catch_up()
                    await asyncio.sleep(self._poll_seconds)
            finally:
                await self._withdraw()

    async def _catch_up(self) -> None:
        try:
            presence = await asyncio.to_thread(self._look)
            if presence != self._shown:
                await self._show(presence)
        except FAILURES as error:
            level = logging.DEBUG if self._failing else logging.WARNING
            self._log.log(level, "The server cannot be announced (%s); this is tried again", _reason(error))
            self._failing = True
        else:
            self._failing = False

    async def _show(self, presence: Presence) -> None:
        try:
            if self._responder and self._shown and presence.origins == self._shown.origins:
                await self._responder.update(self._name, presence)
            else:
                await self._withdraw()
                await self._announce(presence)
        except FAILURES:
            await self._withdraw()
            raise
        self._shown = presence
        self._tell(presence)

    async def _announce(self, presence: Presence) -> None:
        if presence == NOWHERE:
            return
        self._responder = Responder(presence.origins, self._port)
        name = await self._responder.register(self._name, presence)
        if name != self._name:
            self._log.warning(
                "Another server is called %s, so this one is %s; Home Assistant may show it as new",
                self._name,
                name,
            )
            self._name = name
            await asyncio.to_thread(self._kept.rename, name)

    async def _withdraw(self) -> None:
        self._shown = None
        if self._responder:
            await self._responder.close()
            self._responder = None

    def _tell(self, presence: Presence) -> None:
        if presence == NOWHERE:
            self._log.info("There is no network to announce the server on; it is announced when one comes")
        else:
            where = ", ".join(presence.addresses)
            self._log.info("Announced as %s at %s, port %d", self._name, where, self._port)


@contextmanager
def _each_complaint_once() -> Iterator[None]:
    """Keep zeroconf from logging at each attempt what is wrong, and a trace when a packet is not sent."""
    log = logging.getLogger("zeroconf")
    seen: set[str] = set()

    def is_new(record: logging.LogRecord) -> bool:
        known = record.exc_info or record.msg in seen
        seen.add(record.msg)
        return log.isEnabledFor(logging.DEBUG) or not known

    log.addFilter(is_new)
    try:
        yield
    finally:
        log.removeFilter(is_new)


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return "another program keeps UDP port 5353 for itself"
    return str(error) or type(error).__name__
