"""What the watchdog frees, logs and reports, and that failures do not end it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import pytest

from tests.helpers.waiting import wait_until
from wyoming_kokoro import MemoryPressure
from wyoming_kokoro.api.memory import FreedMemory
from wyoming_kokoro.api.observations import Level, MemoryPressureChanged
from wyoming_kokoro.testing import FakeServer, plugin_context
from wyoming_kokoro_memory_watchdog import MemoryWatchdogPlugin, watchdog
from wyoming_kokoro_memory_watchdog.sensors import MemorySensors
from wyoming_kokoro_memory_watchdog.snapshot import MemoryLimit, MemorySnapshot
from wyoming_kokoro_memory_watchdog.watchdog import Watchdog

MB = 1_000_000
LOG = logging.getLogger("watchdog")


class FakeMemorySensors(MemorySensors):
    """Reports a container of 400 MB."""

    def __init__(self, available_mb: int) -> None:
        super().__init__(0, LOG)
        self.available_mb = available_mb
        self.resident_mb = 200
        self.trim_count = 0
        self.error: Exception | None = None

    def read(self) -> MemorySnapshot:
        if self.error:
            raise self.error
        limit = MemoryLimit("the container", 400 * MB, self.available_mb * MB)
        return MemorySnapshot(self.resident_mb * MB, (limit,))

    def trim(self) -> None:
        self.trim_count += 1


class FreeingServer(FakeServer):
    """Frees the given megabytes, one step after the other."""

    def __init__(self, sensors: FakeMemorySensors, steps_mb: Sequence[int]) -> None:
        super().__init__()
        self.sensors = sensors
        self.steps_mb = steps_mb
        self.finished_steps: list[str] = []

    async def free_memory(self, pressure: MemoryPressure) -> AsyncGenerator[FreedMemory, None]:
        self.pressures.append(pressure)
        for number, step in enumerate(self.steps_mb):
            self.sensors.available_mb += step
            self.sensors.resident_mb -= step
            self.finished_steps.append(f"step {number}")
            yield FreedMemory(self.finished_steps[-1])


class Simulation:
    """A watchdog with fake sensors, a fake server and a clock that each check advances."""

    def __init__(self, available_mb: int = 300, steps_mb: Sequence[int] = (10, 20, 30)) -> None:
        self.now = 0.0
        self.sensors = FakeMemorySensors(available_mb)
        self.server = FreeingServer(self.sensors, steps_mb)
        self.watchdog = Watchdog(self.server, self.sensors, LOG, lambda: self.now)

    async def check(self, times: int = 1, seconds: float = 5.0) -> None:
        for _ in range(times):
            await self.watchdog.check()
            self.now += seconds

    @property
    def changes(self) -> list[tuple[Level, Level, int]]:
        """The reported changes: levels before and after, and freed megabytes."""
        changes = [item for item in self.server.observations if isinstance(item, MemoryPressureChanged)]
        return [(item.before, item.after, item.freed_bytes // MB) for item in changes]


async def test_nothing_is_freed_or_logged_at_normal_level(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    simulation = Simulation()
    await simulation.check(20)
    assert (simulation.server.pressures, simulation.changes) == ([], [])
    assert (simulation.sensors.trim_count, caplog.records) == (0, [])


async def test_freeing_stops_as_soon_as_memory_suffices() -> None:
    simulation = Simulation(available_mb=60)
    await simulation.check(2)
    assert simulation.server.finished_steps == ["step 0", "step 1"]
    assert simulation.sensors.trim_count == 2, "the heap is trimmed after each step"
    assert simulation.changes == [("normal", "raised", 30)]
    (pressure,) = simulation.server.pressures
    assert (pressure.level, pressure.resident_bytes, pressure.wanted_bytes) == ("raised", 200 * MB, 20 * MB)
    assert pressure.available_bytes == 60 * MB


async def test_each_change_is_logged_once_with_its_reason(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    reason = "25 MB of 400 MB available to the container; the server uses 200 MB"
    simulation = Simulation(available_mb=25, steps_mb=(0, 5))
    await simulation.check(10, seconds=2.0)
    simulation.sensors.available_mb = 300
    await simulation.check(40)
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", f"Memory is short (level high: {reason}); freed 5 MB (step 1)"),
        ("INFO", "Memory is no longer short (300 MB available to the container)"),
    ]
    assert [change[:2] for change in simulation.changes] == [("normal", "high"), ("high", "normal")]
    assert simulation.server.pressures[-1].level == "normal"
    assert simulation.server.finished_steps[-2:] == ["step 0", "step 1"], "all steps run at level normal"


async def test_critical_level_frees_memory_at_once_and_every_minute() -> None:
    simulation = Simulation(available_mb=5, steps_mb=())
    await simulation.check()
    assert simulation.changes == [("normal", "critical", 0)]
    await simulation.check(63, seconds=2.0)
    assert [pressure.level for pressure in simulation.server.pressures] == ["critical"] * 3
    assert len(simulation.changes) == 1


async def test_growth_raises_the_level_until_it_becomes_the_new_baseline() -> None:
    """A process that needs more than before is reported once; one that leaks is reported at every step."""
    simulation = Simulation(steps_mb=(10,))
    await simulation.check(61)
    assert simulation.sensors.trim_count == 1, "the heap is trimmed before the baseline is taken"
    simulation.sensors.resident_mb = 410
    await simulation.check(2)
    assert simulation.server.pressures[0].reason == "the server uses 410 MB, 2.0 times its usual 200 MB"
    await simulation.check(30)
    assert simulation.changes == [("normal", "raised", 10), ("raised", "normal", 10)]
    simulation.sensors.resident_mb = 700
    await simulation.check(2)
    assert simulation.changes[-1][:2] == ("normal", "raised")


async def test_failed_check_is_logged_once_and_retried(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog, "CHECK_INTERVAL_SECONDS", 0.001)
    monkeypatch.setattr(watchdog, "SHORT_CHECK_INTERVAL_SECONDS", 0.001)
    simulation = Simulation(available_mb=5)
    simulation.sensors.error = RuntimeError("no such file")
    async with Watchdog(simulation.server, simulation.sensors, LOG):
        await wait_until(lambda: caplog.records)
        await asyncio.sleep(0.1)
        assert simulation.changes == []
        simulation.sensors.error = None
        await wait_until(lambda: simulation.changes)
    assert simulation.changes[0][:2] == ("normal", "critical")
    failures = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.getMessage() for record in failures] == ["Watchdog failed; will retry in 0.001 s"]


async def test_plugin_reads_the_sensors_of_this_machine(tmp_path: Path) -> None:
    server = FakeServer()
    plugin = MemoryWatchdogPlugin(plugin_context("memory_watchdog", tmp_path, {"limit_mb": 1}))
    (service,) = plugin.kokoro_services(server)
    async with service:
        await wait_until(lambda: server.observations)
    (change,) = server.observations
    assert isinstance(change, MemoryPressureChanged)
    assert change.after == "critical"
    assert "0 MB of 1 MB available to this process (limit_mb)" in change.reason
