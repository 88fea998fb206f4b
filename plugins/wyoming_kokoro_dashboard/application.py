"""The HTTP application: whose routes there are, and what every answer has to bear."""

from __future__ import annotations

import asyncio

from aiohttp import web

from wyoming_kokoro_dashboard import advice, health, metrics, say, snapshot, static_files
from wyoming_kokoro_dashboard.context import DashboardContext
from wyoming_kokoro_dashboard.host_check import HEADERS, host_check_middleware

MAX_CONNECTIONS = 64
MAX_REQUEST_BYTES = 16 * 1024
KEEP_ALIVE_TIMEOUT_SECONDS = 30.0
ROUTE_MODULES = (advice, health, metrics, say, snapshot, static_files)
"""Each has `routes(context)`, which tells what it answers."""


def create_application(context: DashboardContext) -> web.Application:
    """Return the application: all routes behind the guard."""
    application = web.Application(
        middlewares=[host_check_middleware(context.settings.allowed_hosts)], client_max_size=MAX_REQUEST_BYTES
    )
    for module in ROUTE_MODULES:
        application.add_routes(module.routes(context))
    application.on_response_prepare.append(_add_headers)
    return application


def create_runner(context: DashboardContext, drain: float) -> web.AppRunner:
    """Return what runs the application; answers under way have `drain` seconds when it stops."""
    return web.AppRunner(
        create_application(context),
        access_log=None,
        handle_signals=False,
        keepalive_timeout=KEEP_ALIVE_TIMEOUT_SECONDS,
        shutdown_timeout=drain,
    )


class ConnectionLimiter:
    """Makes a protocol for each connection, and hangs up when there are too many."""

    def __init__(self, runner: web.AppRunner) -> None:
        """`runner` is set up."""
        self._runner = runner

    def __call__(self) -> asyncio.BaseProtocol:
        """Return who talks with a client that connects."""
        server = self._runner.server
        assert server
        return server() if len(server.connections) < MAX_CONNECTIONS else RejectedConnection()


class RejectedConnection(asyncio.Protocol):
    """A connection that is too much."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Hang up."""
        transport.close()


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = "wyoming-kokoro"  # else it tells the versions of Python and aiohttp
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
