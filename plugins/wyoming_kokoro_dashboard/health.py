"""`/healthz`: whether the server lives; `/readyz`: whether it speaks at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from aiohttp import web

from wyoming_kokoro_dashboard.site import Site

STUCK_SECONDS = 45.0
"""No unit of work takes so long; after a minute the core gives it up."""


def routes(site: Site) -> Iterable[web.AbstractRouteDef]:
    """Return the routes of this module."""

    async def healthz(_: web.Request) -> web.Response:
        seconds = site.server.running_unit_seconds
        stuck = f"the model has been at one piece of work for {seconds:.0f} s" if seconds > STUCK_SECONDS else ""
        return answer({"healthy": not stuck, "why": stuck}, 503 if stuck else 200)

    async def readyz(_: web.Request) -> web.Response:
        ready = site.server.is_ready
        why = "" if ready else "the model is being opened; what is asked for meanwhile waits for it"
        facts = {"ready": ready, "why": why, "timeline": site.server.timeline}
        return answer(facts, 200 if ready else 503)

    return [web.get("/healthz", healthz), web.get("/readyz", readyz)]


def answer(facts: Mapping[str, object], status: int = 200) -> web.Response:
    """Return `facts` as JSON."""
    return web.Response(status=status, body=msgspec.json.encode(facts), content_type="application/json")
