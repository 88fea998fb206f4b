"""An HTTP server that starts in the background, after the model."""

from __future__ import annotations

import asyncio
import errno
import importlib
import logging
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

from wyoming_kokoro._compat import timeout
from wyoming_kokoro.api.background import BackgroundService
from wyoming_kokoro.api.server import Server
from wyoming_kokoro.errors import StartupError
from wyoming_kokoro.types import Address

# The model loads alone for at most this long, since importing the HTTP server would delay it.
MODEL_HEAD_START_SECONDS = 3.0
BACKLOG = 16


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """Where a plugin listens."""

    title: str
    """The name in the log, such as `Dashboard`."""
    plugin: str
    """The name in `[plugins.NAME]`."""
    host: str
    """Empty: all interfaces."""
    port: int
    """0: any free one."""
    max_connections: int


class HttpService(BackgroundService):
    """Answers HTTP requests while it is entered. A failed start is only logged."""

    def __init__(
        self, settings: HttpSettings, server: Server, log: logging.Logger, application: str, context: object
    ) -> None:
        """`application` is a module with a function `create_runner(context, limiter)`. It is imported on a thread."""
        self._settings = settings
        self._server = server
        self._log = log
        self._application = application
        self._context = context
        self.port = settings.port
        """The bound port, once the server is listening."""
        self.is_listening = asyncio.Event()

    async def run(self) -> None:
        """Answer requests until the server stops."""
        settings, log = self._settings, self._log
        address = f"{settings.host or 'all interfaces'} port {settings.port}"
        try:
            with suppress(asyncio.TimeoutError, StartupError):
                async with timeout(MODEL_HEAD_START_SECONDS):
                    await self._server.ready()
            await self._serve()
        except OSError as error:
            reason = "already in use" if error.errno == errno.EADDRINUSE else error.strerror or str(error)
            title, plugin = settings.title, settings.plugin
            log.warning("%s cannot listen on %s (%s); change it in [plugins.%s]", title, address, reason, plugin)
        except Exception:
            log.exception("%s failed to start (%s); speech works without it", settings.title, address)

    async def _serve(self) -> None:
        # The import takes some tenths of a second, which must not block speech on the event loop.
        connections: Any = await asyncio.to_thread(importlib.import_module, "wyoming_kokoro.http.connections")
        application: Any = await asyncio.to_thread(importlib.import_module, self._application)
        settings = self._settings
        limiter = connections.ConnectionLimiter(settings.max_connections, settings.plugin, self._log, self._server.emit)
        runner = application.create_runner(self._context, limiter)
        listen = asyncio.get_running_loop().create_server
        try:
            await runner.setup()
            limiter.server = runner.server
            with closing(
                await listen(limiter.create_protocol, settings.host or None, settings.port, backlog=BACKLOG)
            ) as server:
                self.port = server.sockets[0].getsockname()[1]
                self._log.info(
                    "%s listens on http://%s/", settings.title, Address(settings.host or "127.0.0.1", self.port)
                )
                self.is_listening.set()
                await asyncio.Event().wait()
        finally:
            limiter.close()
            await runner.cleanup()
