"""Reports readiness, keep-alives and the end of the server to systemd."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from wyoming_kokoro import Server, StartupError
from wyoming_kokoro_systemd.notifier import Notifier

STATUS_CHECK_SECONDS = 60.0
"""How often the status is checked when the unit has no `WatchdogSec=`."""


class StatusReporter:
    """A service that reports the server's state to systemd.

    Keep-alives stop while the model is stuck. The event loop sends them, so a blocked loop sends none either.
    """

    def __init__(self, server: Server, notifier: Notifier, interval_seconds: float | None) -> None:
        """`interval_seconds` is the time between two keep-alives. None: systemd expects none."""
        self._server = server
        self._notifier = notifier
        self._interval_seconds = interval_seconds
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    async def __aenter__(self) -> StatusReporter:
        self._notifier.notify("STATUS=Opening the model")
        self._tasks = (asyncio.create_task(self._report_ready()), asyncio.create_task(self._send_keepalives()))
        return self

    async def __aexit__(self, *reason: object) -> None:
        self._notifier.notify("STOPPING=1", "STATUS=Finishing running streams")
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _report_ready(self) -> None:
        try:
            await self._server.ready()
        except StartupError:
            # The server logs this error and exits.
            return
        self._notifier.notify("READY=1", f"STATUS={_ready_status(self._server)}")

    async def _send_keepalives(self) -> None:
        reported = ""
        while True:
            is_stuck = self._server.is_stuck
            if self._interval_seconds and not is_stuck:
                self._notifier.notify("WATCHDOG=1")
            problem = "The model does not respond" if is_stuck else "; ".join(self._server.problems)
            if problem != reported:
                self._notifier.notify(f"STATUS={problem or _ready_status(self._server)}")
            reported = problem
            await asyncio.sleep(self._interval_seconds or STATUS_CHECK_SECONDS)


def keepalive_seconds(environment: Mapping[str, str], pid: int) -> float | None:
    """Return half of the keep-alive timeout that systemd set for process `pid`, or None: sd_watchdog_enabled(3)."""
    microseconds = environment.get("WATCHDOG_USEC", "")
    if not microseconds.isdecimal() or environment.get("WATCHDOG_PID", str(pid)) != str(pid):
        return None
    return int(microseconds) / 1e6 / 2 or None


def _ready_status(server: Server) -> str:
    ports = sorted({str(address.port) for address in server.addresses})
    suffix = f" on port {', '.join(ports)}" if ports else ""
    return f"Ready with {len(server.voices)} voices{suffix}"
