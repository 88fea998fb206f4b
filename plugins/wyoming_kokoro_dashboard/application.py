"""The HTTP application: its routes, limits and response headers."""

from __future__ import annotations

import asyncio

from aiohttp import web

from wyoming_kokoro_dashboard import advice, health, metrics, say, snapshot, static_files
from wyoming_kokoro_dashboard.context import DashboardContext
from wyoming_kokoro_dashboard.host_check import SECURITY_HEADERS, host_check_middleware

MAX_CONNECTIONS = 64
MAX_REQUEST_BYTES = 16 * 1024
KEEP_ALIVE_TIMEOUT_SECONDS = 30.0
ROUTE_MODULES = (advice, health, metrics, say, snapshot, static_files)


def create_application(context: DashboardContext) -> web.Application:
    """Return the application with all routes behind the host check."""
    host_check = host_check_middleware(context.settings.allowed_hosts)
    application = web.Application(middlewares=[host_check], client_max_size=MAX_REQUEST_BYTES)
    for module in ROUTE_MODULES:
        application.add_routes(module.routes(context))
    application.on_response_prepare.append(_add_headers)
    return application


def create_runner(context: DashboardContext, shutdown_timeout_seconds: float) -> web.AppRunner:
    """Return a runner of the application. On shutdown, running responses have `shutdown_timeout_seconds` to finish."""
    return web.AppRunner(
        create_application(context),
        access_log=None,
        handle_signals=False,
        keepalive_timeout=KEEP_ALIVE_TIMEOUT_SECONDS,
        shutdown_timeout=shutdown_timeout_seconds,
    )


class ConnectionLimiter:
    """Protocol factory that closes new connections while `MAX_CONNECTIONS` are open."""

    def __init__(self, runner: web.AppRunner) -> None:
        """`runner` must be set up."""
        self._runner = runner

    def __call__(self) -> asyncio.BaseProtocol:
        """Return the protocol of a new connection."""
        server = self._runner.server
        assert server
        return server() if len(server.connections) < MAX_CONNECTIONS else RejectedConnection()


class RejectedConnection(asyncio.Protocol):
    """A connection above the limit."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Close the connection."""
        transport.close()


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    # aiohttp's default value would reveal the versions of Python and aiohttp.
    response.headers["Server"] = "wyoming-kokoro"
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
