from __future__ import annotations

import asyncio
import threading

import numpy as np
import pytest

from wyoming_kokoro.scheduling.playback import Playback
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.scheduling.worker import UnitIterator


async def test_work_between_units_waits_for_the_running_unit() -> None:
    may_finish, log = threading.Event(), list[str]()

    def units() -> UnitIterator:
        may_finish.wait(60)
        log.append("unit")
        yield np.ones(10, np.int16)

    async with Scheduler() as scheduler:
        unit = asyncio.ensure_future(scheduler.create_job(units(), Playback(lambda: 0.0)).next())
        await asyncio.sleep(0.01)
        between = asyncio.create_task(scheduler.run_between_units(lambda: log.append("between")))
        await asyncio.sleep(0.01)
        may_finish.set()
        await asyncio.gather(unit, between)
        assert log == ["unit", "between"]
        with pytest.raises(ZeroDivisionError):
            await scheduler.run_between_units(lambda: 1 // 0)
        await scheduler.run_between_units(lambda: log.append("again"))
    assert log[-1] == "again"
