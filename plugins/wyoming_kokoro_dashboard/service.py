"""The HTTP server, which starts in the background after the model."""

from __future__ import annotations

import asyncio
import errno
import importlib
from contextlib import AbstractAsyncContextManager, suppress
from typing import TYPE_CHECKING, Any

from wyoming_kokoro_dashboard.context import DashboardContext

if TYPE_CHECKING:
    from aiohttp import web

# The model loads alone for at most this long, since importing the HTTP server would delay it.
MODEL_HEAD_START_SECONDS = 3.0
POLL_INTERVAL_SECONDS = 0.1
BACKLOG = 16


class DashboardServer(AbstractAsyncContextManager["DashboardServer"]):
    """Answers HTTP requests while it is entered. Entering returns at once; a failed start is only logged."""

    def __init__(self, context: DashboardContext) -> None:
        self._context = context
        self._start_task: asyncio.Task[None] | None = None
        self._runner: web.AppRunner | None = None
        self._server: asyncio.Server | None = None
        self.is_listening = asyncio.Event()

    @property
    def port(self) -> int:
        """The bound port, once the server is listening."""
        assert self._server
        return int(self._server.sockets[0].getsockname()[1])

    async def __aenter__(self) -> DashboardServer:
        self._start_task = asyncio.create_task(self._start())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._start_task
        self._start_task.cancel()
        with suppress(asyncio.CancelledError):
            await self._start_task
        if self._server:
            self._server.close()
        if self._runner:
            await self._runner.cleanup()

    async def _start(self) -> None:
        settings, log = self._context.settings, self._context.log
        address = f"{settings.host or 'all interfaces'} port {settings.port}"
        try:
            await self._wait_for_model()
            await self._listen()
            log.info("Dashboard listens on http://%s:%d/", settings.host or "127.0.0.1", self.port)
        except OSError as error:
            reason = "already in use" if error.errno == errno.EADDRINUSE else error.strerror or str(error)
            log.warning("Dashboard cannot listen on %s (%s); change it in [plugins.dashboard]", address, reason)
        except Exception:
            log.exception("Dashboard failed to start (%s); speech works without it", address)

    async def _wait_for_model(self) -> None:
        for _ in range(round(MODEL_HEAD_START_SECONDS / POLL_INTERVAL_SECONDS)):
            if self._context.server.is_ready:
                return
            await asyncio.sleep(POLL_INTERVAL_SECONDS)

    async def _listen(self) -> None:
        # The import takes some tenths of a second, which must not block speech on the event loop.
        application: Any = await asyncio.to_thread(importlib.import_module, "wyoming_kokoro_dashboard.application")
        self._runner = application.create_runner(self._context)
        await self._runner.setup()
        settings = self._context.settings
        limiter = application.ConnectionLimiter(self._runner)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(limiter, settings.host or None, settings.port, backlog=BACKLOG)
        self.is_listening.set()
