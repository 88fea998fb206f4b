"""Limits the connections of an HTTP server."""

from __future__ import annotations

import asyncio

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

HEADER_TIMEOUT_SECONDS = 20.0
"""A new connection without the headers of a request closes after this time. Later, the keep-alive timeout applies."""


class ConnectionLimiter:
    """Creates the protocols of new connections."""

    def __init__(self, max_connections: int) -> None:
        self.server: web.Server | None = None
        """Set before the first connection."""
        self._max_connections = max_connections
        self._timers: dict[object, asyncio.TimerHandle] = {}

    def create_protocol(self) -> asyncio.BaseProtocol:
        """Return the protocol of a new connection. It closes the connection if there are too many."""
        if self.server is None or len(self.server.connections) >= self._max_connections:
            return RejectedConnection()
        protocol = self.server()
        loop = asyncio.get_running_loop()
        self._timers[protocol] = loop.call_later(HEADER_TIMEOUT_SECONDS, self._close_unused, protocol)
        return protocol

    @property
    def middleware(self) -> Middleware:
        """A middleware that lets connections with a request live."""

        @web.middleware
        async def note_request(request: web.Request, handler: Handler) -> web.StreamResponse:
            if timer := self._timers.pop(request.protocol, None):
                timer.cancel()
            return await handler(request)

        return note_request

    def close(self) -> None:
        """Cancel all timers."""
        while self._timers:
            self._timers.popitem()[1].cancel()

    def _close_unused(self, protocol: web.RequestHandler) -> None:
        del self._timers[protocol]
        if protocol.transport is not None:
            protocol.transport.abort()


class RejectedConnection(asyncio.Protocol):
    """A connection above the limit."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Close the connection."""
        transport.close()
