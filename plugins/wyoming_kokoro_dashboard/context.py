"""What every route stands on."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from wyoming_kokoro import CacheStats, Server
from wyoming_kokoro_dashboard.settings import Settings

MAX_STATS_AGE_SECONDS = 10.0
"""How old the phrase cache's account of itself may be: each one looks at the disk."""


class CachedStats:
    """The phrase cache as it was a moment ago."""

    def __init__(self, server: Server, clock: Callable[[], float] = time.monotonic) -> None:
        self._server = server
        self._clock = clock
        self._seen: tuple[float, CacheStats] | None = None

    async def stats(self) -> CacheStats:
        """Return how the phrase cache does, or did at most `MAX_STATS_AGE_SECONDS` ago."""
        now = self._clock()
        if self._seen is None or now - self._seen[0] >= MAX_STATS_AGE_SECONDS:
            self._seen = now, await self._server.cache_stats()
        return self._seen[1]


@dataclass(frozen=True, slots=True)
class DashboardContext:
    """What is shown, and how."""

    server: Server
    cache_stats: CachedStats
    settings: Settings
    log: logging.Logger
