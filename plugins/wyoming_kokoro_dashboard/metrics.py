"""`/metrics`: for Prometheus."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from aiohttp import web
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric

from wyoming_kokoro_dashboard.context import DashboardContext
from wyoming_kokoro_dashboard.prometheus import metric_families
from wyoming_kokoro_dashboard.snapshot import Snapshot, take_snapshot


class SnapshotCollector:
    """One look at the server, as Prometheus' client wants it."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterable[Metric]:
        """Return every metric family of ours."""
        return metric_families(self._snapshot)


def routes(context: DashboardContext) -> Iterable[web.AbstractRouteDef]:
    """Return the routes of this module."""

    async def metrics(request: web.Request) -> web.Response:
        encode, kind = choose_encoder(request.headers.get("Accept", ""))
        snapshot = await take_snapshot(context)
        # The process' own metrics are read from /proc.
        body = await asyncio.to_thread(lambda: encode(create_registry(snapshot)))
        return web.Response(body=body, headers={"Content-Type": kind})

    return [web.get("/metrics", metrics)]


def create_registry(snapshot: Snapshot) -> CollectorRegistry:
    """Return a registry of our metrics and those of the process."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(SnapshotCollector(snapshot))
    return registry
