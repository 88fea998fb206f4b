"""What all routes share."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from wyoming_kokoro import CacheStats, Server
from wyoming_kokoro_dashboard.settings import Settings

# Reading the statistics queries the cache's database on disk, so that several browsers must not do it every second.
MAX_STATS_AGE_SECONDS = 10.0


class CachedStats:
    """Statistics of the phrase cache, at most `MAX_STATS_AGE_SECONDS` old."""

    def __init__(self, server: Server, clock: Callable[[], float] = time.monotonic) -> None:
        self._server = server
        self._clock = clock
        self._latest: tuple[float, CacheStats] | None = None

    async def get(self) -> CacheStats:
        """Return the statistics."""
        now = self._clock()
        if self._latest is None or now - self._latest[0] >= MAX_STATS_AGE_SECONDS:
            self._latest = now, await self._server.cache_stats()
        return self._latest[1]


@dataclass(frozen=True, slots=True)
class DashboardContext:
    """What all routes share."""

    server: Server
    cache_stats: CachedStats
    settings: Settings
    log: logging.Logger
