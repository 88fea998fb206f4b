"""`/metrics`: metrics in Prometheus's text formats."""

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
    """Collector of the metrics of one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterable[Metric]:
        """Return all metric families of the snapshot."""
        return metric_families(self._snapshot)


def routes(context: DashboardContext) -> Iterable[web.AbstractRouteDef]:
    """Return the routes of this module."""

    async def get_metrics(request: web.Request) -> web.Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        snapshot = await take_snapshot(context)
        # A thread encodes them because the process metrics come from files in /proc.
        body = await asyncio.to_thread(lambda: encode(create_registry(snapshot)))
        return web.Response(body=body, headers={"Content-Type": content_type})

    return [web.get("/metrics", get_metrics)]


def create_registry(snapshot: Snapshot) -> CollectorRegistry:
    """Return a registry with the metrics of the server and of its process."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(SnapshotCollector(snapshot))
    return registry
