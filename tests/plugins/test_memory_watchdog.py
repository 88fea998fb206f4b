"""The service: what it has given back, what it tells, and that nothing ends it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import pytest

from wyoming_kokoro import MemoryPressure
from wyoming_kokoro.api.memory import FreedMemory
from wyoming_kokoro.api.observations import Level, MemoryPressureChanged
from wyoming_kokoro.testing import FakeServer, plugin_context
from wyoming_kokoro_memory_watchdog import MemoryWatchdog
from wyoming_kokoro_memory_watchdog.reading import Bound, Heap, Reading
from wyoming_kokoro_memory_watchdog.watchdog import Rhythm, Watchdog

MB = 1_000_000
LOG = logging.getLogger("watching")


class Feeling:
    """Sensors of a container of 400 MB, of which so much is left."""

    def __init__(self, left: int = 300) -> None:
        self.left = left
        self.resident = 200
        self.trims = 0
        self.failure: Exception | None = None

    def read(self) -> Reading:
        if self.failure:
            raise self.failure
        bound = Bound("the container", 400 * MB, self.left * MB)
        return Reading(self.resident * MB, self.resident * MB, Heap(self.resident * MB, 0), bounds=(bound,))

    def trim(self) -> None:
        self.trims += 1


class Giving(FakeServer):
    """A server each of whose steps gives back so many megabytes."""

    def __init__(self, feeling: Feeling, steps: Sequence[int] = (10, 20, 30)) -> None:
        super().__init__()
        self.feeling = feeling
        self.steps = steps
        self.taken: list[str] = []

    async def relieve(self, pressure: MemoryPressure) -> AsyncGenerator[FreedMemory, None]:
        self.pressures.append(pressure)
        for number, step in enumerate(self.steps):
            self.feeling.left += step
            self.feeling.resident -= step
            self.taken.append(f"step {number}")
            yield FreedMemory(self.taken[-1])


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class House:
    """A watchdog, what it feels, whom it asks, and a clock that is advanced by its looks."""

    def __init__(self, left: int = 300, steps: Sequence[int] = (10, 20, 30)) -> None:
        self.feeling = Feeling(left)
        self.server = Giving(self.feeling, steps)
        self.clock = Clock()
        self.watchdog = Watchdog(self.server, self.feeling, LOG, Rhythm(), self.clock)

    async def look(self, times: int = 1, seconds: float = 5.0) -> None:
        for _ in range(times):
            await self.watchdog.look()
            self.clock.now += seconds

    @property
    def told(self) -> list[tuple[Level, Level, int]]:
        changes = [item for item in self.server.observations if isinstance(item, MemoryPressureChanged)]
        return [(item.before, item.after, item.freed_bytes // MB) for item in changes]


async def test_nothing_is_done_while_all_is_well(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    house = House()
    await house.look(20)
    assert (house.server.pressures, house.told, house.feeling.trims, caplog.records) == ([], [], 0, [])


async def test_steps_are_taken_until_there_is_enough(caplog: pytest.LogCaptureFixture) -> None:
    """After each the allocator gives back, and it is measured again."""
    house = House(left=60)
    await house.look(2)
    assert house.server.taken == ["step 0", "step 1"]
    assert house.feeling.trims == 2
    assert house.told == [("normal", "raised", 30)]
    (pressure,) = house.server.pressures
    assert (pressure.level, pressure.resident_bytes, pressure.wanted_bytes) == ("raised", 200 * MB, 20 * MB)
    assert pressure.available_bytes == 60 * MB


async def test_a_change_is_told_once_with_its_reason(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    reason = "25 MB of 400 MB are left to the container; 200 MB are ours, of which 0 MB are free inside the allocator"
    house = House(left=25, steps=(0, 5))
    await house.look(10, seconds=2.0)
    house.feeling.left = 300
    await house.look(40)
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", f"Memory is short (high): {reason}; 5 MB were given back (step 1)"),
        ("INFO", "Memory is no longer short: 300 MB are left to the container"),
    ]
    assert [change[:2] for change in house.told] == [("normal", "high"), ("high", "normal")]
    assert house.server.pressures[-1].level == "normal"
    assert house.server.taken[-2:] == ["step 0", "step 1"], "when all is well everybody is told"


async def test_the_worst_level_is_answered_at_once_and_again_every_minute() -> None:
    house = House(left=5, steps=())
    await house.look()
    assert house.told == [("normal", "critical", 0)]
    await house.look(63, seconds=2.0)
    assert [pressure.level for pressure in house.server.pressures] == ["critical"] * 3
    assert len(house.told) == 1


async def test_growth_is_answered_and_what_stays_is_the_new_measure(caplog: pytest.LogCaptureFixture) -> None:
    """A process that needs more than it did is not blamed for ever; one that leaks is, step by step."""
    house = House(steps=(10,))
    await house.look(61)
    assert house.feeling.trims == 1, "what opening the model left is given back, once"
    house.feeling.resident = 410
    await house.look(2)
    assert "growth: 2.0 times the 200 MB of before; 410 MB are ours" in house.server.pressures[0].reason
    await house.look(30)
    assert house.told == [("normal", "raised", 10), ("raised", "normal", 10)]
    house.feeling.resident = 700
    await house.look(2)
    assert house.told[-1][:2] == ("normal", "raised")


async def test_whatever_fails_it_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    """Sensors that raise and a server that raises are logged once; afterwards all is as before."""
    house = House(left=5)
    house.feeling.failure = RuntimeError("no such file")
    quick = Rhythm(calm=0.001, tense=0.001)
    async with Watchdog(house.server, house.feeling, LOG, quick):
        await asyncio.sleep(0.1)
        assert house.told == []
        house.feeling.failure = None
        for _ in range(500):
            await asyncio.sleep(0.01)
            if house.told:
                break
    assert house.told[0][:2] == ("normal", "critical")
    failures = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.getMessage() for record in failures] == ["Looking after the memory has failed; it goes on"]


async def test_the_plugin_brings_it_on_this_machine(tmp_path: Path) -> None:
    """It starts, looks at the real thing and ends, without a word."""
    server = FakeServer()
    plugin = MemoryWatchdog(plugin_context("memory_watchdog", tmp_path, {"limit_mb": 1}))
    (service,) = plugin.kokoro_services(server)
    async with service:
        for _ in range(500):
            await asyncio.sleep(0.01)
            if server.observations:
                break
    (change,) = server.observations
    assert isinstance(change, MemoryPressureChanged)
    assert change.after == "critical"
    assert "0 MB of 1 MB are left to this process (limit_mb)" in change.reason
