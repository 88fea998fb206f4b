"""What all routes share."""

from __future__ import annotations

import logging
import time

from wyoming_kokoro import CacheStats, Server
from wyoming_kokoro_dashboard.settings import Settings

# Reading the statistics queries the cache's database on disk, so that several browsers must not do it every second.
MAX_STATS_AGE_SECONDS = 10.0


class DashboardContext:
    """What all routes share."""

    def __init__(self, server: Server, settings: Settings, log: logging.Logger) -> None:
        self.server = server
        self.settings = settings
        self.log = log
        self._cache_stats: tuple[float, CacheStats] | None = None

    async def cache_stats(self) -> CacheStats:
        """Return statistics of the phrase cache that are at most `MAX_STATS_AGE_SECONDS` old."""
        now = time.monotonic()
        if self._cache_stats is None or now - self._cache_stats[0] >= MAX_STATS_AGE_SECONDS:
            self._cache_stats = now, await self.server.cache_stats()
        return self._cache_stats[1]
