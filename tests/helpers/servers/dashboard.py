"""A running dashboard on a fake server with known metrics."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx

from wyoming_kokoro import CacheStats, LookupCounts, SharedCacheStats
from wyoming_kokoro.api.metrics import ModelStatus, StageStatus, TrialSummary
from wyoming_kokoro.api.observations import (
    AcceleratorShare,
    ConnectionRejected,
    Inference,
    MemoryPressureChanged,
    ProviderSwitched,
    RequestFinished,
    SegmentFinished,
)
from wyoming_kokoro.http.service import HttpService
from wyoming_kokoro.testing import FakeServer
from wyoming_kokoro_dashboard import dashboard_service
from wyoming_kokoro_dashboard.context import DashboardContext
from wyoming_kokoro_dashboard.settings import Settings

LOG = logging.getLogger("wyoming_kokoro.plugins.dashboard")
PATHS = ("/", "/metrics", "/healthz", "/readyz", "/api/snapshot")
SPOKEN_TEXT = "The alarm code is one two three four."
OBSERVATIONS = (
    SegmentFinished(SPOKEN_TEXT, "af_heart", cached=False, seconds=2.0, work_seconds=0.6),
    SegmentFinished(SPOKEN_TEXT, "af_heart", cached=True, seconds=2.0, reason="cached"),
    SegmentFinished(SPOKEN_TEXT, "bf_emma", cached=True, seconds=1.0, reason="cached"),
    RequestFinished("af_heart", "spoken", "", 0.12, 1.0, 2.0, work_seconds=0.6),
    RequestFinished("af_heart", "spoken", "", 0.001, 0.1, 2.0, cached=True),
    RequestFinished("", "refused", "unknown-voice"),
    ConnectionRejected("wyoming", "protocol-error"),
    ConnectionRejected("wyoming", "protocol-error"),
    Inference("prosody", 0, "cpu", 0.02),
    Inference("vocoder", 16, "cpu", 0.06),
    Inference("vocoder", 16, "cpu", None),
    Inference("vocoder", 16, "npu", 0.03, "warmup"),
    ProviderSwitched("vocoder", 16, "cpu", "npu"),
    AcceleratorShare("vocoder", 16, "npu", "Neural Engine", 0.9),
    MemoryPressureChanged("normal", "raised", "60 MB of 400 MB available to the container", 4_000_000),
)
SHARED_STATS = SharedCacheStats("redis://voice.lan:6379", "", "Redis 7", 5, 6, 7, 8, 9, 10)
LOOKUPS = LookupCounts(2, 1, 4)
CACHE_STATS = CacheStats(
    3, 6.0, 160_000, 512_000_000, 96_000, 32_000_000, 9, 4, "in a folder", LOOKUPS, shared=SHARED_STATS
)
STAGES = (
    StageStatus("prosody", {0: "cpu"}, ("cpu",)),
    StageStatus(
        "vocoder",
        {8: "cpu", 16: "npu"},
        ("npu", "cpu"),
        (TrialSummary("npu", 0.03), TrialSummary("gpu", None, "it fails")),
    ),
)
MODELS = (
    ModelStatus("kokoro", "full", ("af_heart", "bf_emma"), "open"),
    ModelStatus("distilled af_heart", "distilled", ("af_heart",), "failed", "the file is damaged"),
)


def busy_server(**attributes: Any) -> FakeServer:
    """Return a fake server that has counted all `OBSERVATIONS`."""
    server = FakeServer(
        stages=STAGES,
        phrase_cache_stats=CACHE_STATS,
        active_requests=1,
        waiting_syntheses=2,
        **{"models": MODELS, **attributes},
    )
    for observation in OBSERVATIONS:
        server.collector.observe(observation)
    return server


def dashboard_server(server: FakeServer, **table: Any) -> HttpService:
    """Return a dashboard that is not entered, on a free port, with the settings of `table`."""
    return dashboard_service(DashboardContext(server, Settings(**{"port": 0, **table}), LOG))


@asynccontextmanager
async def running_dashboard(server: FakeServer | None = None, **table: Any) -> AsyncIterator[DashboardClient]:
    """Run a dashboard and yield its client."""
    async with dashboard_server(server or busy_server(), **table) as dashboard:
        await asyncio.wait_for(dashboard.is_listening.wait(), 60)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{dashboard.port}", timeout=30) as client:
            yield DashboardClient(client, dashboard.port)


class DashboardClient:
    """An HTTP client of a dashboard."""

    def __init__(self, client: httpx.AsyncClient, port: int) -> None:
        self.client = client
        self.port = port

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        return await self.client.get(path, headers=dict(headers or {}))
