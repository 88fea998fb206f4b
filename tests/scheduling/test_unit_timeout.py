from __future__ import annotations

import asyncio

import pytest

from tests.helpers.fake_clock import FakeClock
from wyoming_kokoro.scheduling.unit_timeout import STEPS, UnitTimeout


class Timeouts:
    """Counts timeouts, and sets the clock of the event loop."""

    def __init__(self, clock: FakeClock) -> None:
        self.count = 0
        self.clock = clock

    def start(self) -> UnitTimeout:
        """Start a timeout with steps of one second."""
        return UnitTimeout(STEPS, self._add)

    async def advance(self, seconds: float) -> None:
        self.clock.now += seconds
        for _ in range(3):
            await asyncio.sleep(0)

    def _add(self) -> None:
        self.count += 1


@pytest.fixture
async def timeouts(monkeypatch: pytest.MonkeyPatch) -> Timeouts:
    loop = asyncio.get_running_loop()
    clock = FakeClock(loop.time())
    monkeypatch.setattr(loop, "time", clock)
    return Timeouts(clock)


async def test_timeout_fires_once_after_all_steps(timeouts: Timeouts) -> None:
    timeouts.start()
    for _ in range(STEPS - 1):
        await timeouts.advance(1)
    assert timeouts.count == 0
    for _ in range(5):
        await timeouts.advance(1)
    assert timeouts.count == 1


async def test_cancelled_timeout_does_not_fire(timeouts: Timeouts) -> None:
    timeouts.start().cancel()
    for _ in range(2 * STEPS):
        await timeouts.advance(1)
    assert timeouts.count == 0


async def test_suspended_process_loses_one_step(timeouts: Timeouts) -> None:
    timeout = timeouts.start()
    await timeouts.advance(1.5 * STEPS)
    for _ in range(STEPS - 2):
        await timeouts.advance(1)
    assert timeouts.count == 0
    await timeouts.advance(1)
    assert timeouts.count == 1
    timeout.cancel()
