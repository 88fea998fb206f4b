"""The HTTP application: whose routes there are, and what every answer has to bear."""

from __future__ import annotations

import asyncio

from aiohttp import web

from wyoming_kokoro_dashboard import health, metrics, now, page, say
from wyoming_kokoro_dashboard.guard import HEADERS, guarded
from wyoming_kokoro_dashboard.site import Site

MOST_CONNECTIONS = 64
MOST_REQUEST_BYTES = 16 * 1024
KEEP_ALIVE_SECONDS = 30.0
PARTS = (health, metrics, now, page, say)
"""Each has `routes(site)`, which tells what it answers."""


def application(site: Site) -> web.Application:
    """Return the application: all routes behind the guard."""
    made = web.Application(middlewares=[guarded(site.settings.hosts)], client_max_size=MOST_REQUEST_BYTES)
    for part in PARTS:
        made.add_routes(part.routes(site))
    made.on_response_prepare.append(_dress)
    return made


def runner(site: Site, drain: float) -> web.AppRunner:
    """Return what runs the application; answers under way have `drain` seconds when it stops."""
    return web.AppRunner(
        application(site),
        access_log=None,
        handle_signals=False,
        keepalive_timeout=KEEP_ALIVE_SECONDS,
        shutdown_timeout=drain,
    )


class Door:
    """Makes a protocol for each connection, and hangs up when there are too many."""

    def __init__(self, runner: web.AppRunner) -> None:
        """`runner` is set up."""
        self._runner = runner

    def __call__(self) -> asyncio.BaseProtocol:
        """Return who talks with a client that connects."""
        server = self._runner.server
        assert server
        return server() if len(server.connections) < MOST_CONNECTIONS else Closed()


class Closed(asyncio.Protocol):
    """A connection that is too much."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Hang up."""
        transport.close()


async def _dress(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = "wyoming-kokoro"  # else it tells the versions of Python and aiohttp
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
