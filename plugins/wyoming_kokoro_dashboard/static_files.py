"""`/`: the page, and what belongs to it. Nothing of it comes from elsewhere."""

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
"""What lies in `static`, by the path under which it is had."""


def routes(_: DashboardContext) -> Iterable[web.AbstractRouteDef]:
    """Return the routes of this module."""
    folder = Path(__file__).with_name("static")
    return [web.get(path, _giving(folder / name)) for path, name in FILES.items()]


def _giving(file: Path) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def give(_: web.Request) -> web.FileResponse:
        return web.FileResponse(file)

    return give
