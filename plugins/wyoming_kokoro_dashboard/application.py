"""The HTTP application: its routes, limits and response headers."""

from __future__ import annotations

import asyncio
import mimetypes
from functools import partial
from pathlib import Path

from aiohttp import web

from wyoming_kokoro.http.connections import ConnectionLimiter
from wyoming_kokoro.http.host_check import host_check_middleware
from wyoming_kokoro_dashboard.context import DashboardContext
from wyoming_kokoro_dashboard.health import get_health, get_readiness
from wyoming_kokoro_dashboard.prometheus import get_metrics
from wyoming_kokoro_dashboard.say import post_say
from wyoming_kokoro_dashboard.snapshot import get_advice, get_snapshot
from wyoming_kokoro_dashboard.words import delete_word, get_words, post_word

MAX_REQUEST_BYTES = 16 * 1024
KEEP_ALIVE_TIMEOUT_SECONDS = 30.0
SHUTDOWN_TIMEOUT_SECONDS = 1.0
STATIC_FOLDER = Path(__file__).with_name("static")
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
        " media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Cache-Control": "no-store",
}
"""Headers of every response, unless its route sets them."""
# The page loads nothing from other servers.
PAGE_PATHS = ("/", "/style.css", "/app.js", "/charts.js", "/icon.svg", "/say.js", "/words.js")
ENDPOINTS = {
    "/healthz": get_health,
    "/readyz": get_readiness,
    "/metrics": get_metrics,
    "/api/snapshot": get_snapshot,
    "/api/advice": get_advice,
    "/api/words": get_words,
}


def create_runner(context: DashboardContext, limiter: ConnectionLimiter) -> web.AppRunner:
    """Return a runner of the application, whose routes are all behind the host check."""
    host_check = host_check_middleware("dashboard", context.settings.allowed_hosts)
    application = web.Application(middlewares=[limiter.middleware, host_check], client_max_size=MAX_REQUEST_BYTES)
    application.add_routes([web.get(path, _get_file) for path in PAGE_PATHS])
    application.add_routes([web.get(path, partial(handler, context)) for path, handler in ENDPOINTS.items()])
    application.add_routes([web.post("/api/say", partial(post_say, context))])
    application.add_routes([web.post("/api/words", partial(post_word, context))])
    application.add_routes([web.delete("/api/words", partial(delete_word, context))])
    application.on_response_prepare.append(_add_headers)
    return web.AppRunner(
        application,
        access_log=None,
        logger=limiter.request_log,
        handle_signals=False,
        keepalive_timeout=KEEP_ALIVE_TIMEOUT_SECONDS,
        shutdown_timeout=SHUTDOWN_TIMEOUT_SECONDS,
    )


async def _get_file(request: web.Request) -> web.Response:
    """Answer with a file. It goes through memory: a file that the kernel sends to a stalled client cannot time out."""
    file = STATIC_FOLDER / (request.path[1:] or "index.html")
    content = await asyncio.to_thread(file.read_bytes)
    return web.Response(body=content, content_type=mimetypes.guess_type(file.name)[0] or "application/octet-stream")


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    # aiohttp's default value would reveal the versions of Python and aiohttp.
    response.headers["Server"] = "wyoming-kokoro"
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
