"""`/healthz`: whether the server lives; `/readyz`: whether it speaks at once."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from aiohttp import web

from wyoming_kokoro_dashboard.context import DashboardContext

MAX_UNIT_SECONDS = 45.0
"""No unit of work takes so long; after a minute the core gives it up."""


def routes(context: DashboardContext) -> Iterable[web.AbstractRouteDef]:
    """Return the routes of this module."""

    async def healthz(_: web.Request) -> web.Response:
        seconds = context.server.running_unit_seconds
        stuck = f"the model has been at one piece of work for {seconds:.0f} s" if seconds > MAX_UNIT_SECONDS else ""
        facts = {"healthy": not stuck, "why": stuck}
        return web.json_response(body=msgspec.json.encode(facts), status=503 if stuck else 200)

    async def readyz(_: web.Request) -> web.Response:
        ready = context.server.is_ready
        why = "" if ready else "the model is being opened; what is asked for meanwhile waits for it"
        facts = {"ready": ready, "why": why, "timeline": context.server.timeline}
        return web.json_response(body=msgspec.json.encode(facts), status=200 if ready else 503)

    return [web.get("/healthz", healthz), web.get("/readyz", readyz)]
