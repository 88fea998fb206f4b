"""An HTTP server that listens at once, and is imported in the background after the model."""

from __future__ import annotations

import asyncio
import errno
import importlib
import logging
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any, cast

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

    _limiter: Any
    """The limiter of `http.connections`. It exists before the first connection is accepted."""

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
            with closing(await self._listen()) as sockets:
                with suppress(asyncio.TimeoutError, StartupError):
                    async with timeout(MODEL_HEAD_START_SECONDS):
                        await self._server.ready()
                await self._serve(sockets)
        except OSError as error:
            reason = "already in use" if error.errno == errno.EADDRINUSE else error.strerror or str(error)
            title, plugin = settings.title, settings.plugin
            log.warning("%s cannot listen on %s (%s); change it in [plugins.%s]", title, address, reason, plugin)
        except Exception:
            log.exception("%s failed to start (%s); speech works without it", settings.title, address)

    async def _listen(self) -> asyncio.Server:
        """Bind the port. Clients that connect before `_serve` wait in the queue of the system."""
        settings, loop = self._settings, asyncio.get_running_loop()
        server = await loop.create_server(
            self._create_protocol, settings.host or None, settings.port, backlog=BACKLOG, start_serving=False
        )
        for bound in server.sockets:
            # The socket of a server has no method for it.
            with bound.dup() as sock:
                sock.listen(BACKLOG)
        self.port = server.sockets[0].getsockname()[1]
        self._log.info("%s listens on http://%s/", settings.title, Address(settings.host or "127.0.0.1", self.port))
        self.is_listening.set()
        return server

    def _create_protocol(self) -> asyncio.BaseProtocol:
        return cast(asyncio.BaseProtocol, self._limiter.create_protocol())

    async def _serve(self, sockets: asyncio.Server) -> None:
        # The import takes some tenths of a second, which must not block speech on the event loop.
        connections: Any = await asyncio.to_thread(importlib.import_module, "wyoming_kokoro.http.connections")
        application: Any = await asyncio.to_thread(importlib.import_module, self._application)
        settings = self._settings
        limiter = self._limiter = connections.ConnectionLimiter(
            settings.max_connections, settings.plugin, self._log, self._server.emit
        )
        runner = application.create_runner(self._context, limiter)
        try:
            await runner.setup()
            limiter.server = runner.server
            await sockets.start_serving()
            await asyncio.Event().wait()
        finally:
            sockets.close()
            limiter.close()
            await runner.cleanup()
