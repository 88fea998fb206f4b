from __future__ import annotations

import asyncio
import time

from wyoming_kokoro.scheduling.unit_timeout import STEPS, UnitTimeout


async def test_it_rings_once() -> None:
    rung: list[float] = []
    begun = time.monotonic()
    UnitTimeout(0.2, lambda: rung.append(time.monotonic() - begun))
    await asyncio.sleep(0.5)
    (after,) = rung
    assert after >= 0.2


async def test_it_can_be_cancelled() -> None:
    rung: list[float] = []
    UnitTimeout(0.02, lambda: rung.append(0)).cancel()
    await asyncio.sleep(0.1)
    assert rung == []


async def test_a_process_that_stood_still_loses_one_step() -> None:
    """However long it stood: what it was waiting for stood with it."""
    rung: list[float] = []
    alarm = UnitTimeout(STEPS * 0.05, lambda: rung.append(0))
    time.sleep(STEPS * 0.05 * 1.5)  # noqa: ASYNC251 as a suspended process
    await asyncio.sleep(0.07)
    assert rung == []
    alarm.cancel()
