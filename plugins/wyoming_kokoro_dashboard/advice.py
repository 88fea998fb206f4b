"""`/api/advice`: recommendations for the operator."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from aiohttp import web

from wyoming_kokoro_dashboard.context import DashboardContext


def routes(context: DashboardContext) -> Iterable[web.AbstractRouteDef]:
    """Return the routes of this module."""

    async def get_advice(_: web.Request) -> web.Response:
        return web.json_response(body=msgspec.json.encode({"advice": await context.server.advice()}))

    return [web.get("/api/advice", get_advice)]
