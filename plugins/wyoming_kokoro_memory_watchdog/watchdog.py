"""Checks memory regularly, frees some when it is short, and logs each change."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace

from wyoming_kokoro import BackgroundService, MemoryPressure, Server
from wyoming_kokoro.api.observations import Level, MemoryPressureChanged
from wyoming_kokoro_memory_watchdog.hysteresis import LevelFilter
from wyoming_kokoro_memory_watchdog.sensors import MemorySensors
from wyoming_kokoro_memory_watchdog.snapshot import MemorySnapshot
from wyoming_kokoro_memory_watchdog.thresholds import MEGABYTE, assess

CHECK_INTERVAL_SECONDS = 5.0
# While memory is short.
SHORT_CHECK_INTERVAL_SECONDS = 2.0
# Between two attempts to free memory while it stays short.
FREE_AGAIN_SECONDS = 60.0
# From the start until memory use is taken as the baseline for growth.
WARM_UP_SECONDS = 300.0


class Watchdog(BackgroundService):
    """Watches memory while it is entered. A failed check is logged and repeated."""

    def __init__(
        self, server: Server, sensors: MemorySensors, log: logging.Logger, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._server = server
        self._sensors = sensors
        self._log = log
        self._clock = clock
        self._filter = LevelFilter()
        self._started_at = self._free_again_at = clock()
        self._baseline_bytes = 0

    async def check(self) -> float:
        """Read the sensors once, and free memory when it is short. Return the seconds until the next check."""
        snapshot = await asyncio.to_thread(self._sensors.read)
        now = self._clock()
        if not self._baseline_bytes and now - self._started_at >= WARM_UP_SECONDS:
            # Opening the model leaves about 80 MB of free heap, which must not count as normal use.
            snapshot = await asyncio.to_thread(self._trim_and_read)
            self._baseline_bytes = snapshot.resident_bytes
        assessed = assess(snapshot, self._baseline_bytes)
        before = self._filter.level
        pressure = replace(assessed, level=self._filter.update(assessed.level, now))
        if pressure.level != before:
            sources, freed = await self._free_memory(pressure)
            self._log_change(before, pressure, sources, freed)
            self._server.emit(MemoryPressureChanged(before, pressure.level, pressure.reason, freed))
        elif pressure.level != "normal" and now >= self._free_again_at:
            await self._free_memory(pressure)
        return CHECK_INTERVAL_SECONDS if self._filter.level == "normal" else SHORT_CHECK_INTERVAL_SECONDS

    async def run(self) -> None:
        """Check until the server stops."""
        await self.repeat(self.check, self._log, CHECK_INTERVAL_SECONDS)

    async def _free_memory(self, pressure: MemoryPressure) -> tuple[list[str], int]:
        """Free memory step by step until it is no longer short; return the sources that freed some, and the bytes."""
        sources = []
        resident = pressure.resident_bytes
        async with aclosing(self._server.free_memory(pressure)) as steps:
            async for freed in steps:
                snapshot = await asyncio.to_thread(self._trim_and_read)
                if freed.bytes or snapshot.resident_bytes < resident:
                    sources.append(freed.source)
                resident = snapshot.resident_bytes
                # At level normal all steps must run: each lets a component use memory again.
                is_enough = assess(snapshot, self._baseline_bytes).level == "normal"
                if pressure.level != "normal" and is_enough:
                    break
        self._free_again_at = self._clock() + FREE_AGAIN_SECONDS
        if self._baseline_bytes:
            # What remains after freeing everything is in use, and does not count as growth again.
            self._baseline_bytes = max(self._baseline_bytes, resident)
        return sources, max(0, pressure.resident_bytes - resident)

    def _trim_and_read(self) -> MemorySnapshot:
        self._sensors.trim()
        return self._sensors.read()

    def _log_change(self, before: Level, pressure: MemoryPressure, sources: list[str], freed_bytes: int) -> None:
        if pressure.level == "normal":
            self._log.info("Memory is no longer short (%s)", pressure.reason)
            return
        is_worse = pressure.is_at_least(before)
        level = logging.WARNING if is_worse and pressure.is_at_least("high") else logging.INFO
        freed = f"; freed {freed_bytes / MEGABYTE:.0f} MB ({', '.join(sources)})" if freed_bytes >= MEGABYTE else ""
        change = "short" if is_worse else "less short"
        self._log.log(level, "Memory is %s (level %s: %s)%s", change, pressure.level, pressure.reason, freed)
