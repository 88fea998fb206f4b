"""Keeps what was said, in memory and on the disk, so that it is not made again."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from wyoming_kokoro import MemoryPressure, PhraseCache, PluginContext, hookimpl
from wyoming_kokoro_phrase_cache.cache import TwoTiers
from wyoming_kokoro_phrase_cache.disk import Disk
from wyoming_kokoro_phrase_cache.ledger import Ledger
from wyoming_kokoro_phrase_cache.tier import NoDisk, Tier
from wyoming_kokoro_phrase_cache.writable import Limits

MEGABYTE = 1_000_000
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.phrase_cache]`."""

    size_mb: Annotated[int, Meta(ge=0, le=1_000_000)] = 512
    """How much of the disk phrases may take, in millions of bytes; 0 keeps them in memory only."""
    memory_mb: Annotated[int, Meta(ge=0, le=1_000_000)] = 32
    """How much memory the phrases that were used last may take."""
    age_days: Annotated[int, Meta(ge=1, le=36_500)] = 90
    """How long a phrase is kept that nobody asks for."""


class Phrasebook:
    """Brings the phrase cache."""

    def __init__(self, context: PluginContext) -> None:
        self._settings = context.settings(Settings)
        self._folder = context.cache_dir / "phrases"
        self._log = context.log
        self._cache: TwoTiers | None = None

    @hookimpl
    def kokoro_phrase_cache(self) -> PhraseCache:
        """Return the cache; nothing is read or written before it is opened."""
        ledger = Ledger(time.time)
        self._cache = TwoTiers(self._settings.memory_mb * MEGABYTE, self._disk(ledger), ledger, time.time)
        return self._cache

    @hookimpl
    def kokoro_memory_pressure(self, pressure: MemoryPressure) -> int | None:
        """Forget half of what is in memory, or all of it; what is on the disk stays."""
        if self._cache is None or not pressure.is_at_least("raised"):
            return None
        size = self._cache.memory
        return self._cache.trim(size if pressure.is_at_least("high") else size // 2)

    def _disk(self, ledger: Ledger) -> Tier:
        if not self._settings.size_mb:
            return NoDisk("size_mb is 0")
        limits = Limits(self._settings.size_mb * MEGABYTE, self._settings.age_days * DAY)
        return Disk(self._folder, limits, ledger, time.time, self._log)
