"""The HTTP server, which starts in the background after the model."""

from __future__ import annotations

import asyncio
import errno
import importlib
from contextlib import closing, suppress
from functools import partial
from typing import Any

from wyoming_kokoro import BackgroundService, StartupError
from wyoming_kokoro_dashboard.context import DashboardContext

# The model loads alone for at most this long, since importing the HTTP server would delay it.
MODEL_HEAD_START_SECONDS = 3.0
BACKLOG = 16


class DashboardServer(BackgroundService):
    """Answers HTTP requests while it is entered. A failed start is only logged."""

    def __init__(self, context: DashboardContext) -> None:
        self._context = context
        self.port = context.settings.port
        """The bound port, once the server is listening."""
        self.is_listening = asyncio.Event()

    async def run(self) -> None:
        """Answer requests until the server stops."""
        settings, log = self._context.settings, self._context.log
        address = f"{settings.host or 'all interfaces'} port {settings.port}"
        try:
            with suppress(asyncio.TimeoutError, StartupError):
                await asyncio.wait_for(self._context.server.ready(), MODEL_HEAD_START_SECONDS)
            await self._serve()
        except OSError as error:
            reason = "already in use" if error.errno == errno.EADDRINUSE else error.strerror or str(error)
            log.warning("Dashboard cannot listen on %s (%s); change it in [plugins.dashboard]", address, reason)
        except Exception:
            log.exception("Dashboard failed to start (%s); speech works without it", address)

    async def _serve(self) -> None:
        # The import takes some tenths of a second, which must not block speech on the event loop.
        application: Any = await asyncio.to_thread(importlib.import_module, "wyoming_kokoro_dashboard.application")
        runner = application.create_runner(self._context)
        settings = self._context.settings
        listen = asyncio.get_running_loop().create_server
        try:
            await runner.setup()
            protocol = partial(application.create_protocol, runner.server)
            with closing(await listen(protocol, settings.host or None, settings.port, backlog=BACKLOG)) as server:
                self.port = server.sockets[0].getsockname()[1]
                self._context.log.info("Dashboard listens on http://%s:%d/", settings.host or "127.0.0.1", self.port)
                self.is_listening.set()
                await asyncio.Event().wait()
        finally:
            await runner.cleanup()
