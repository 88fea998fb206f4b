"""`/api/snapshot` and `/api/advice`: the data of the dashboard as JSON."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

import msgspec
import psutil
from aiohttp import web

from wyoming_kokoro import CacheStats, Voice, __version__
from wyoming_kokoro.api.metrics import Metrics, ModelStatus, StageStatus
from wyoming_kokoro.api.speech_models import SELECTION_REASONS, SelectionReason
from wyoming_kokoro_dashboard.context import DashboardContext


@dataclass(frozen=True, slots=True)
class Snapshot:
    """State and metrics of the server at one moment. `/api/snapshot` returns it as one JSON object."""

    taken_at: float
    """Unix time."""
    version: str
    is_ready: bool
    problems: tuple[str, ...]
    """What does not work."""
    timeline: Mapping[str, float]
    """Startup milestones, in seconds since the process started."""
    active_requests: int
    waiting_syntheses: int
    waiting_requests: int
    running_unit_seconds: float
    idle_seconds: float
    event_loop_tasks: int
    resident_bytes: int
    """Memory of the process and of its child processes, in which providers run."""
    metrics: Metrics
    stages: tuple[StageStatus, ...]
    models: tuple[ModelStatus, ...]
    selection_reasons: Mapping[SelectionReason, str]
    """The reasons in `metrics.selections`, for people."""
    cache: CacheStats
    default_voice: str
    voices: tuple[Voice, ...]


async def get_snapshot(context: DashboardContext, request: web.Request) -> web.Response:
    """Answer with a snapshot. `?after=T` omits recent requests that ended before the Unix time T."""
    try:
        after = float(request.query.get("after", "0"))
    except ValueError:
        after = math.nan
    if not math.isfinite(after):
        return web.Response(status=400, text="after must be a Unix time, such as 1767465060.5\n")
    return web.json_response(body=msgspec.json.encode(await take_snapshot(context, after)))


async def get_advice(context: DashboardContext, _: web.Request) -> web.Response:
    """Answer with recommendations for the operator, without spoken text if other machines can read them."""
    advice = await context.server.advice(with_text=context.settings.is_local)
    return web.json_response(body=msgspec.json.encode({"advice": advice}))


async def take_snapshot(context: DashboardContext, after: float = 0.0) -> Snapshot:
    """Return the present state of the server, with the recent requests that ended after the Unix time `after`."""
    server, metrics = context.server, context.server.metrics
    recent = tuple(request for request in metrics.recent_requests if request.ended_at > after)
    return Snapshot(
        taken_at=time.time(),
        version=__version__,
        is_ready=server.is_ready,
        problems=tuple(server.problems),
        timeline=server.timeline,
        active_requests=server.active_requests,
        waiting_syntheses=server.waiting_syntheses,
        waiting_requests=server.waiting_requests,
        running_unit_seconds=server.running_unit_seconds,
        idle_seconds=server.idle_seconds,
        event_loop_tasks=len(asyncio.all_tasks()),
        resident_bytes=await asyncio.to_thread(_resident_bytes),
        metrics=replace(metrics, recent_requests=recent),
        stages=tuple(server.stages),
        models=tuple(server.models),
        selection_reasons=dict(SELECTION_REASONS),
        cache=await context.cache_stats(),
        default_voice=server.default_voice.name,
        voices=tuple(server.voices),
    )


def _resident_bytes() -> int:
    server, used = psutil.Process(), 0
    for process in (server, *server.children(recursive=True)):
        # A child process may end meanwhile.
        with suppress(psutil.Error):
            used += int(process.memory_info().rss)
    return used
