"""`/healthz` reports whether the server works, `/readyz` whether it can speak new text.

`/readyz?overload` also reports overload, for load balancers that can send requests to another server.
"""

from __future__ import annotations

import msgspec
from aiohttp import web

from wyoming_kokoro_dashboard.context import DashboardContext

# A unit of work takes less than a second on most machines, and the scheduler abandons it after 60 seconds.
MAX_UNIT_SECONDS = 45.0


async def get_health(context: DashboardContext, _: web.Request) -> web.Response:
    """Answer 503 while the model hangs."""
    seconds = context.server.running_unit_seconds
    is_healthy = seconds <= MAX_UNIT_SECONDS
    reason = "" if is_healthy else f"the model has been busy with one unit of work for {seconds:.0f} s"
    body = msgspec.json.encode({"healthy": is_healthy, "reason": reason})
    return web.json_response(body=body, status=200 if is_healthy else 503)


async def get_readiness(context: DashboardContext, request: web.Request) -> web.Response:
    """Answer 503 while the default voice cannot speak new text; with `?overload`, also while it is overloaded."""
    is_ready = context.server.is_ready
    reason = "; ".join(context.server.problems) or ("" if is_ready else "the model is loading; requests wait for it")
    if is_ready and "overload" in request.query and context.server.is_overloaded:
        is_ready, reason = False, "overloaded: a new request would wait long"
    body = msgspec.json.encode(
        {"ready": is_ready, "reason": reason, "timeline": context.server.timeline, "models": context.server.models}
    )
    return web.json_response(body=body, status=200 if is_ready else 503)
