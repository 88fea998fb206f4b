"""The HTTP server as a service: opened in the background, after what speaks."""

from __future__ import annotations

import asyncio
import errno
import importlib
from contextlib import AbstractAsyncContextManager, suppress
from typing import TYPE_CHECKING, Any

from wyoming_kokoro_dashboard.context import DashboardContext

if TYPE_CHECKING:
    from aiohttp import web

MODEL_HEAD_START_SECONDS = 3.0
"""So long at most the model may take the processor for itself before the HTTP server is loaded, too."""
POLL_INTERVAL_SECONDS = 0.1
BACKLOG = 16
SHUTDOWN_TIMEOUT_SECONDS = 1.0
"""How long an answer under way may take when the server stops."""


class DashboardServer(AbstractAsyncContextManager["DashboardServer"]):
    """Answers HTTP requests for as long as it is entered; what goes wrong is one warning, and harms no voice."""

    def __init__(self, context: DashboardContext) -> None:
        self._context = context
        self._opening: asyncio.Task[None] | None = None
        self._runner: web.AppRunner | None = None
        self._server: asyncio.Server | None = None
        self.is_open = asyncio.Event()
        """Set when requests are answered."""

    @property
    def port(self) -> int:
        """The port that is bound; the service is open."""
        assert self._server
        return int(self._server.sockets[0].getsockname()[1])

    async def __aenter__(self) -> DashboardServer:
        self._opening = asyncio.create_task(self._open())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._opening
        self._opening.cancel()
        with suppress(asyncio.CancelledError):
            await self._opening
        if self._server:
            self._server.close()
        if self._runner:
            await self._runner.cleanup()

    async def _open(self) -> None:
        settings, log = self._context.settings, self._context.log
        where = f"{settings.host or 'all interfaces'} port {settings.port}"
        try:
            await self._head_start()
            await self._listen()
            log.info("The dashboard is at http://%s:%d/", settings.host or "127.0.0.1", self.port)
        except OSError as error:
            why = "it is in use" if error.errno == errno.EADDRINUSE else error.strerror or str(error)
            log.warning("There is no dashboard at %s: %s; [plugins.dashboard] chooses another", where, why)
        except Exception:
            log.exception("There is no dashboard at %s; the voice is not harmed", where)

    async def _head_start(self) -> None:
        """Let the model be opened first."""
        for _ in range(round(MODEL_HEAD_START_SECONDS / POLL_INTERVAL_SECONDS)):
            if self._context.server.is_ready:
                return
            await asyncio.sleep(POLL_INTERVAL_SECONDS)

    async def _listen(self) -> None:
        # Importing what it needs takes some tenths of a second, which nobody who speaks shall wait for.
        application: Any = await asyncio.to_thread(importlib.import_module, "wyoming_kokoro_dashboard.application")
        self._runner = application.create_runner(self._context, SHUTDOWN_TIMEOUT_SECONDS)
        await self._runner.setup()
        settings = self._context.settings
        limiter = application.ConnectionLimiter(self._runner)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(limiter, settings.host or None, settings.port, backlog=BACKLOG)
        self.is_open.set()
