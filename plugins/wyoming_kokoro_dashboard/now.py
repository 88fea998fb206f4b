"""`/api/now`: everything that the page shows, as JSON."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import msgspec
import psutil
from aiohttp import web

from wyoming_kokoro import CacheStats, Voice, __version__
from wyoming_kokoro.api.metrics import Metrics, StageStatus
from wyoming_kokoro_dashboard.site import Site


@dataclass(frozen=True, slots=True)
class Now:
    """The server at one moment. Dataclasses become objects, whose fields are described where they are defined."""

    at: float
    """The moment, as a Unix time."""
    version: str
    ready: bool
    timeline: Mapping[str, float]
    speaking: int
    waiting: int
    unit_seconds: float
    quiet_seconds: float
    tasks: int
    """What the event loop has to do or waits for: the same whenever nobody is connected."""
    memory_bytes: int
    """What the process has resident."""
    figures: Metrics
    stages: tuple[StageStatus, ...]
    cache: CacheStats
    default_voice: str
    voices: tuple[Voice, ...]


def routes(site: Site) -> Iterable[web.AbstractRouteDef]:
    """Return the routes of this module: `?after=T` leaves out the recent requests until the Unix time T."""

    async def now(request: web.Request) -> web.Response:
        after = seconds(request.query.get("after", "0"))
        if after is None:
            return web.Response(status=400, text="after must be a Unix time, such as 1767465060.5\n")
        body = msgspec.json.encode(await look(site, after))
        return web.Response(body=body, content_type="application/json")

    return [web.get("/api/now", now)]


async def look(site: Site, after: float = 0.0) -> Now:
    """Return the server as it is now, with the recent requests that ended after a Unix time."""
    server, figures = site.server, site.server.metrics
    recent = tuple(request for request in figures.recent if request.at > after)
    return Now(
        at=time.time(),
        version=__version__,
        ready=server.is_ready,
        timeline=server.timeline,
        speaking=server.speaking,
        waiting=server.waiting,
        unit_seconds=server.running_unit_seconds,
        quiet_seconds=server.idle_seconds,
        tasks=len(asyncio.all_tasks()),
        memory_bytes=await asyncio.to_thread(resident_bytes),
        figures=replace(figures, recent=recent),
        stages=tuple(server.stages),
        cache=await site.shelf.stats(),
        default_voice=server.default_voice.name,
        voices=tuple(server.voices),
    )


def resident_bytes() -> int:
    """Return what this process has resident in memory."""
    return int(psutil.Process().memory_info().rss)


def seconds(text: str) -> float | None:
    """Return the number in `text`, or None when it is none."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
