"""Caches synthesized phrases in memory and on the disk. The server makes the keys: see `PhraseKey`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from wyoming_kokoro import MemoryPressure, PhraseCache, PluginContext, hookimpl
from wyoming_kokoro_phrase_cache.sqlite_tier import SqliteTier
from wyoming_kokoro_phrase_cache.store import Limits
from wyoming_kokoro_phrase_cache.tiers import TieredPhraseCache

MEGABYTE = 1_000_000
DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.phrase_cache]`."""

    size_mb: Annotated[int, Meta(ge=0, le=1_000_000)] = 512
    """Limit on the disk in megabytes. 0 caches phrases in memory only."""
    memory_mb: Annotated[int, Meta(ge=0, le=1_000_000)] = 32
    """Limit in memory in megabytes."""
    max_age_days: Annotated[int, Meta(ge=1, le=36_500)] = 90
    """Delete phrases that were not played for this many days. Time without a server counts as one day at most."""


class PhraseCachePlugin:
    """Provides the phrase cache."""

    def __init__(self, context: PluginContext) -> None:
        self._settings = context.settings(Settings)
        self._folder = context.cache_dir / "phrases"
        self._log = context.log
        self._cache: TieredPhraseCache | None = None

    @hookimpl
    def kokoro_phrase_cache(self) -> PhraseCache:
        """Return the cache. It touches no file before it is opened."""
        settings = self._settings
        limits = Limits(settings.size_mb * MEGABYTE, settings.max_age_days * DAY_SECONDS)
        disk = SqliteTier(self._folder, limits, time.time, self._log)
        self._cache = TieredPhraseCache(settings.memory_mb * MEGABYTE, disk)
        return self._cache

    @hookimpl
    def kokoro_memory_pressure(self, pressure: MemoryPressure) -> int | None:
        """Free half of the memory, or all of it under high pressure. The disk keeps its phrases."""
        if self._cache is None or not pressure.is_at_least("raised"):
            return None
        size = self._cache.memory_bytes
        return self._cache.trim(size if pressure.is_at_least("high") else size // 2)
