"""`/`: the page."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

from wyoming_kokoro_dashboard.site import Site

PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>wyoming-kokoro</title>
<h1>wyoming-kokoro</h1>
<ul>
<li><a href="metrics">metrics</a>
<li><a href="healthz">health</a>, <a href="readyz">readiness</a>
<li><a href="api/now">everything, as JSON</a>
</ul>
"""


def routes(_: Site) -> Iterable[web.AbstractRouteDef]:
    """Return the routes of this module."""

    async def index(_: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    return [web.get("/", index)]
