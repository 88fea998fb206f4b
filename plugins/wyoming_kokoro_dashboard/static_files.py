"""`/`: the dashboard page and its files. The page loads nothing from other servers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from aiohttp import web

from wyoming_kokoro_dashboard.context import DashboardContext

FILES = {
    "/": "index.html",
    "/style.css": "style.css",
    "/app.js": "app.js",
    "/charts.js": "charts.js",
    "/icon.svg": "icon.svg",
    "/say.js": "say.js",
}
"""Files in `static`, by URL path."""


def routes(_: DashboardContext) -> Iterable[web.AbstractRouteDef]:
    """Return the routes of this module."""
    folder = Path(__file__).with_name("static")
    return [web.get(path, _file_handler(folder / name)) for path, name in FILES.items()]


def _file_handler(file: Path) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def get_file(_: web.Request) -> web.FileResponse:
        return web.FileResponse(file)

    return get_file
