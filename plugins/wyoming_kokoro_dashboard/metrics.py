"""`/metrics`: for Prometheus."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from aiohttp import web
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric

from wyoming_kokoro_dashboard.families import families
from wyoming_kokoro_dashboard.now import Now, look
from wyoming_kokoro_dashboard.site import Site


class Collector:
    """One look at the server, as Prometheus' client wants it."""

    def __init__(self, now: Now) -> None:
        self._now = now

    def collect(self) -> Iterable[Metric]:
        """Return every metric family of ours."""
        return families(self._now)


def routes(site: Site) -> Iterable[web.AbstractRouteDef]:
    """Return the routes of this module."""

    async def metrics(request: web.Request) -> web.Response:
        encode, kind = choose_encoder(request.headers.get("Accept", ""))
        now = await look(site)
        # The process' own metrics are read from /proc.
        body = await asyncio.to_thread(lambda: encode(registry(now)))
        return web.Response(body=body, headers={"Content-Type": kind})

    return [web.get("/metrics", metrics)]


def registry(now: Now) -> CollectorRegistry:
    """Return a registry of our metrics and those of the process."""
    made = CollectorRegistry()
    ProcessCollector(registry=made)
    made.register(Collector(now))
    return made
