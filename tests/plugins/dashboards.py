"""A dashboard of a server that has been spoken to, for tests."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx

from wyoming_kokoro import CacheStats, LookupCounts
from wyoming_kokoro.api.metrics import StageStatus, TrialSummary
from wyoming_kokoro.api.observations import (
    AcceleratorShare,
    Inference,
    MemoryPressureChanged,
    ProviderSwitched,
    RequestFinished,
    SegmentFinished,
)
from wyoming_kokoro.testing import FakeServer
from wyoming_kokoro_dashboard.service import Service
from wyoming_kokoro_dashboard.settings import Settings
from wyoming_kokoro_dashboard.site import Shelf, Site

LOG = logging.getLogger("wyoming_kokoro.plugins.dashboard")
PATHS = ("/", "/metrics", "/healthz", "/readyz", "/api/now")
SECRET = "The alarm code is one two three four."
OBSERVED = (
    SegmentFinished(SECRET, "af_heart", cached=False, seconds=2.0, work_seconds=0.6),
    SegmentFinished(SECRET, "af_heart", cached=True, seconds=2.0),
    SegmentFinished(SECRET, "bf_emma", cached=True, seconds=1.0),
    RequestFinished("af_heart", "spoken", "", 0.12, 1.0, 2.0, work_seconds=0.6),
    RequestFinished("af_heart", "spoken", "", 0.001, 0.1, 2.0, cached=True),
    RequestFinished("", "refused", "unknown-voice"),
    Inference("prosody", 0, "cpu", 0.02),
    Inference("vocoder", 16, "cpu", 0.06),
    Inference("vocoder", 16, "cpu", None),
    Inference("vocoder", 16, "npu", 0.03, "warmup"),
    ProviderSwitched("vocoder", 16, "cpu", "npu"),
    AcceleratorShare("vocoder", 16, "npu", "Neural Engine", 0.9),
    MemoryPressureChanged("normal", "raised", "the container has 60 MB left", 4_000_000),
)
KEPT = CacheStats(3, 6.0, 160_000, 512_000_000, 96_000, 32_000_000, 9, 4, "in a folder", LookupCounts(2, 1, 4))
STAGES = (
    StageStatus("prosody", {0: "cpu"}, ("cpu",)),
    StageStatus(
        "vocoder",
        {8: "cpu", 16: "npu"},
        ("npu", "cpu"),
        (TrialSummary("npu", 0.03), TrialSummary("gpu", None, "it fails")),
    ),
)


def busy_server(**facts: Any) -> FakeServer:
    """Return a server to which all of `OBSERVED` happened."""
    server = FakeServer(stages=STAGES, phrase_cache_stats=KEPT, speaking=1, waiting=2, **facts)
    for observation in OBSERVED:
        server.collector.observe(observation)
    return server


def service(server: FakeServer, **table: Any) -> Service:
    return Service(Site(server, Shelf(server), Settings(**{"port": 0, **table}), LOG))


@asynccontextmanager
async def dashboard(server: FakeServer | None = None, **table: Any) -> AsyncIterator[Browser]:
    """Serve, and return who asks."""
    async with service(server or busy_server(), **table) as serving:
        await asyncio.wait_for(serving.is_open.wait(), 60)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{serving.port}", timeout=30) as client:
            yield Browser(client, serving.port)


class Browser:
    """Asks for pages."""

    def __init__(self, client: httpx.AsyncClient, port: int) -> None:
        self.client = client
        self.port = port

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        return await self.client.get(path, headers=dict(headers or {}))
