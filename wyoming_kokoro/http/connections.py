"""Limits the connections of an HTTP server, and the time that each client may take."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler, Middleware

from wyoming_kokoro.api.observations import ConnectionRejected
from wyoming_kokoro.clients.rare_log import RareLog
from wyoming_kokoro.clients.registry import (
    TOO_MANY_NEW_CONNECTIONS,
    Clients,
    ClientState,
    find_longest_idle,
)

if TYPE_CHECKING:
    LoggerAdapter = logging.LoggerAdapter[logging.Logger]
else:
    # Python 3.10 knows no generic adapter.
    LoggerAdapter = logging.LoggerAdapter

HEADER_TIMEOUT_SECONDS = 20.0
"""A new connection without the headers of a request closes after this time. Later, the keep-alive timeout applies."""
STALL_TIMEOUT_SECONDS = 120.0
"""A client that does not read its response for this long is gone. A client with asyncio reads 256 kB at once. They play
for 33 s as MP3 and for 50 s as Opus."""
SEND_BUFFER_BYTES = 65536
"""Linux doubles it, and reports that a client reads when a third is free, which is some seconds of encoded speech. By
default the buffer grows to minutes, in which a client that plays looks like one that does not read."""


class ConnectionLimiter:
    """Creates the protocols of new connections."""

    def __init__(
        self, max_connections: int, listener: str, log: logging.Logger, emit: Callable[[ConnectionRejected], object]
    ) -> None:
        """`listener` names the plugin. `emit` receives each rejected connection."""
        self.server: web.Server | None = None
        """Set before the first connection."""
        self.request_log = RequestLog(log, self)
        """The log for aiohttp."""
        self.clients = Clients()
        self._max_connections = max_connections
        self._listener = listener
        self._log = RareLog(log)
        self._emit = emit
        self._connections: dict[asyncio.BaseProtocol, LimitedConnection] = {}

    def create_protocol(self) -> asyncio.BaseProtocol:
        """Return the protocol of a new connection. It closes an idle one, or itself, if there are too many."""
        if self.server is None:
            return RejectedConnection()
        if len(self._connections) >= self._max_connections:
            idle = find_longest_idle(self._connections.values())
            if idle is None:
                self.reject("", "too-many-connections", f"{len(self._connections)} are open")
                return RejectedConnection()
            idle.close("displaced", "idle longest of its address, and other clients need the place")
        return LimitedConnection(self, self.server())

    @property
    def middleware(self) -> Middleware:
        """A middleware that lets connections with a request live, and limits the CPU time of each client."""

        @web.middleware
        async def limit_request(request: web.Request, handler: Handler) -> web.StreamResponse:
            connection = self._connections.get(request.protocol)
            if connection is None:
                return await handler(request)
            with connection.serving(request):
                return await connection.client.loop_time.limit(cast(Any, handler(request)))

        return limit_request

    def add(self, inner: asyncio.BaseProtocol, connection: LimitedConnection) -> None:
        """Count a connection that was made."""
        self._connections[inner] = connection

    def remove(self, inner: asyncio.BaseProtocol) -> None:
        """Forget a connection that was lost."""
        self._connections.pop(inner, None)

    def reject(self, address: str, code: str, reason: str) -> None:
        """Count a connection that is closed for `reason`, and log it."""
        self._emit(ConnectionRejected(self._listener, code))
        self._log.warning((address, code), "Closed the connection of %s: %s", address or "a client", reason)

    def close(self) -> None:
        """Cancel all timers."""
        for connection in self._connections.values():
            connection.cancel_timers()


class LimitedConnection(asyncio.Protocol):
    """Passes a connection to aiohttp, and closes it when its client takes too long."""

    def __init__(self, limiter: ConnectionLimiter, inner: web.RequestHandler) -> None:
        self.client = ClientState("")
        self._address = ""
        self._limiter = limiter
        self._inner = inner
        self._transport: asyncio.Transport | None = None
        self._request: web.Request | None = None
        self._idle_since = 0.0
        self._header_timer: asyncio.TimerHandle | None = None
        self._stall_timer: asyncio.TimerHandle | None = None

    @property
    def idle_seconds(self) -> float:
        """How long the server has waited for a request, or for the rest of its body."""
        is_answering = self._request is not None and self._request.content.is_eof()
        return 0.0 if is_answering else asyncio.get_running_loop().time() - self._idle_since

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the connection. Without a request it ends after `HEADER_TIMEOUT_SECONDS`."""
        loop = asyncio.get_running_loop()
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self._address = str(peer[0]) if peer else ""
        self.client = self._limiter.clients.find(self._address)
        if not self.client.take_new_connection():
            self._limiter.reject(self._address, "too-many-connections", TOO_MANY_NEW_CONNECTIONS)
            self._transport.set_protocol(RejectedConnection())
            self._transport.abort()
            return
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        self.client.connections += 1
        self._idle_since = loop.time()
        self._header_timer = loop.call_later(HEADER_TIMEOUT_SECONDS, self._transport.abort)
        self._limiter.add(self._inner, self)
        self._inner.connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """End the connection."""
        self.cancel_timers()
        self._limiter.remove(self._inner)
        self.client.connections -= 1
        self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Pass data on."""
        self._inner.data_received(data)

    def eof_received(self) -> None:
        """Pass the end of the input on."""
        self._inner.eof_received()

    def pause_writing(self) -> None:
        """Pass it on. The client has `STALL_TIMEOUT_SECONDS` to read some of the response."""
        reason = f"it took no data for {STALL_TIMEOUT_SECONDS:g} s"
        loop = asyncio.get_running_loop()
        self._stall_timer = loop.call_later(STALL_TIMEOUT_SECONDS, self.close, "client-stalled", reason)
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Pass it on."""
        if self._stall_timer:
            self._stall_timer.cancel()
        self._inner.resume_writing()

    @contextmanager
    def serving(self, request: web.Request) -> Iterator[None]:
        """Serve a request, for which the client waits once its body is complete."""
        if self._header_timer:
            self._header_timer.cancel()
        loop = asyncio.get_running_loop()
        self._request, self._idle_since = request, loop.time()
        try:
            yield
        finally:
            self._request, self._idle_since = None, loop.time()

    def close(self, code: str, reason: str) -> None:
        """Close the connection at once."""
        self._limiter.remove(self._inner)
        self._limiter.reject(self._address, code, reason)
        if self._transport:
            self._transport.abort()

    def cancel_timers(self) -> None:
        """Cancel what waits for the client."""
        for timer in (self._header_timer, self._stall_timer):
            if timer:
                timer.cancel()


class RejectedConnection(asyncio.Protocol):
    """A connection above a limit."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Close the connection."""
        transport.close()


class RequestLog(LoggerAdapter):
    """Counts malformed requests, which aiohttp would log with a traceback each, as it does for clients that leave."""

    def __init__(self, log: logging.Logger, limiter: ConnectionLimiter) -> None:
        super().__init__(log, {})
        self._limiter = limiter

    def exception(self, msg: object, *args: object, **more: Any) -> None:
        """Log an error in the server, or a malformed request. `args` begins with the address of the client."""
        error = more.get("exc_info")
        if isinstance(error, ConnectionError):
            self.debug("Client left (%s)", error)
        # aiohttp reads the rest of a body after the response, and logs the error in it without an address.
        elif isinstance(error, web.RequestPayloadError):
            self.debug("Request had a damaged body (%s)", error)
        elif isinstance(error, HttpProcessingError):
            address = str(args[0]) if args else ""
            self._limiter.reject(address, "malformed-request", f"malformed request (status {error.code})")
        else:
            super().exception(msg, *args, **more)
