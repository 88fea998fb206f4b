"""What systemd is told, and when."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import TracebackType

from wyoming_kokoro import Server, StartupError
from wyoming_kokoro_systemd.notifier import Notifier

DEFAULT_CHECK_SECONDS = 60.0
"""How often is looked after the model where systemd does not watch, for the status alone."""


class StatusReporter:
    """A service that tells systemd that the server can speak, that it lives, and that it stops.

    The keep-alive is only sent while the model comes back from what it is asked. It is sent from the event loop, so
    that a loop that stands still sends none.
    """

    def __init__(self, server: Server, notifier: Notifier, every_seconds: float | None) -> None:
        """`every_seconds` is how often to tell that the server lives; None when nobody wants to know."""
        self._server = server
        self._notifier = notifier
        self._every = every_seconds
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    async def __aenter__(self) -> StatusReporter:
        self._notifier.notify("STATUS=Opening the model")
        self._tasks = (asyncio.create_task(self._announce()), asyncio.create_task(self._keepalive()))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._notifier.notify("STOPPING=1", "STATUS=Speaking to the end")
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _announce(self) -> None:
        """Say that the server is ready when it can speak; clients who come earlier wait for that."""
        try:
            await self._server.ready()
        except StartupError:
            return  # the server ends, and says why
        self._notifier.notify("READY=1", f"STATUS={_ready(self._server)}")

    async def _keepalive(self) -> None:
        was_stuck = False
        while True:
            is_stuck = self._server.is_stuck
            if self._every and not is_stuck:
                self._notifier.notify("WATCHDOG=1")
            if is_stuck != was_stuck:
                self._notifier.notify(f"STATUS={'The model does not answer' if is_stuck else _ready(self._server)}")
            was_stuck = is_stuck
            await asyncio.sleep(self._every or DEFAULT_CHECK_SECONDS)


def keepalive_seconds(environment: Mapping[str, str], pid: int) -> float | None:
    """Return half of the time that systemd waits for a keep-alive of process `pid`: sd_watchdog_enabled(3)."""
    microseconds = environment.get("WATCHDOG_USEC", "")
    if not microseconds.isdecimal() or environment.get("WATCHDOG_PID", str(pid)) != str(pid):
        return None
    return int(microseconds) / 1e6 / 2 or None


def _ready(server: Server) -> str:
    where = sorted({str(address.port) for address in server.addresses})
    place = f" on port {', '.join(where)}" if where else ""
    return f"Speaking with {len(server.voices)} voices{place}"
