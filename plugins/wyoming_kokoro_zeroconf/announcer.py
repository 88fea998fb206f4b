"""Keeps the announcement up to date while networks appear, change and disappear."""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from wyoming_kokoro import BackgroundService
from wyoming_kokoro_zeroconf.addresses import ServiceAnnouncement
from wyoming_kokoro_zeroconf.instance_name import InstanceName, NumberedName
from wyoming_kokoro_zeroconf.responder import FAILURES, Responder


class Announcer(BackgroundService):
    """Announces the server in the background.

    A network failure is logged once, and the announcement is tried again every `poll_seconds`.
    """

    def __init__(
        self,
        instance_name: InstanceName,
        find_addresses: Callable[[], ServiceAnnouncement],
        port: int,
        log: logging.Logger,
        poll_seconds: float,
        *,
        is_shared: bool = False,
    ) -> None:
        """`find_addresses` returns the current announcement. It runs on a thread, because it blocks.

        Other servers make the same announcement if it `is_shared`.
        """
        self._instance_name = instance_name
        self._find_addresses = find_addresses
        self._port = port
        self._log = log
        self._poll_seconds = poll_seconds
        self._is_shared = is_shared
        self._name: NumberedName
        self._responder: Responder | None = None
        self._current: ServiceAnnouncement | None = None
        self._is_failing = False

    async def run(self) -> None:
        """Announce the server, and update the announcement until cancelled."""
        with _log_each_message_once():
            try:
                self._name = await asyncio.to_thread(self._instance_name.name)
                while True:
                    await self._update()
                    await asyncio.sleep(self._poll_seconds)
            finally:
                await self._withdraw()

    async def _update(self) -> None:
        try:
            announcement = await asyncio.to_thread(self._find_addresses)
            if announcement != self._current:
                await self._apply(announcement)
        except FAILURES as error:
            level = logging.DEBUG if self._is_failing else logging.WARNING
            self._log.log(level, "Announcement failed (%s); will retry", _reason(error))
            self._is_failing = True
        else:
            self._is_failing = False

    async def _apply(self, announcement: ServiceAnnouncement) -> None:
        try:
            if self._responder and self._current and announcement.sources == self._current.sources:
                await self._responder.update(self._name, announcement)
            else:
                # The sockets belong to the old addresses, so new sources need a new responder.
                await self._withdraw()
                await self._announce(announcement)
        except FAILURES:
            await self._withdraw()
            raise
        self._current = announcement
        if announcement.addresses:
            addresses = ", ".join(announcement.addresses)
            self._log.info("Announced as %s at %s, port %d", self._name, addresses, self._port)
        else:
            self._log.info("Not announced: no network; will announce when one appears")

    async def _announce(self, announcement: ServiceAnnouncement) -> None:
        if not announcement.addresses:
            return
        self._responder = Responder(announcement.sources, self._port, is_shared=self._is_shared)
        name = await self._responder.register(self._name, announcement)
        if name != self._name:
            self._log.warning(
                "Name %s is taken by another server; this server is now %s, which Home Assistant may show as new",
                self._name,
                name,
            )
            self._name = name
            await asyncio.to_thread(self._instance_name.rename, name)

    async def _withdraw(self) -> None:
        self._current = None
        if self._responder:
            await self._responder.close()
            self._responder = None


@contextmanager
def _log_each_message_once() -> Iterator[None]:
    """Drop repeated messages and tracebacks of zeroconf, which logs each failed attempt and each unsent packet."""
    log = logging.getLogger("zeroconf")
    seen: set[str] = set()

    def is_new(record: logging.LogRecord) -> bool:
        is_known = record.exc_info or record.msg in seen
        seen.add(record.msg)
        return log.isEnabledFor(logging.DEBUG) or not is_known

    log.addFilter(is_new)
    try:
        yield
    finally:
        log.removeFilter(is_new)


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return "another program uses UDP port 5353 exclusively"
    return str(error) or type(error).__name__
