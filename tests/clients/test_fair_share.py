from __future__ import annotations

import asyncio
import time

import pytest

from tests.helpers.fake_clock import FakeClock
from wyoming_kokoro.clients.fair_share import Bucket, LoopTime


def test_bucket_allows_a_burst_and_then_its_rate() -> None:
    clock = FakeClock()
    bucket = Bucket(rate=2, burst=10, clock=clock)
    bucket.take(10)
    assert bucket.level == 0
    assert bucket.delay == 0
    bucket.take(3)
    assert bucket.delay == pytest.approx(1.5)
    clock.now += 2.5
    assert bucket.level == pytest.approx(2)
    clock.now += 100
    assert bucket.is_full
    assert bucket.level == 10


def spin(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


async def work(steps: int, seconds: float) -> str:
    for _ in range(steps):
        spin(seconds)
        await asyncio.sleep(0)
    return "done"


async def test_work_of_one_client_leaves_time_for_another() -> None:
    """Also when it has many tasks: 40 of them want all the time, of which a tenth is theirs."""
    loop_time = LoopTime(share=0.1, burst=0.02)
    tasks = [asyncio.create_task(loop_time.limit(work(1000, 0.001))) for _ in range(40)]
    started_at, used_before = time.monotonic(), time.thread_time()
    for _ in range(100):
        await asyncio.sleep(0.001)
    used_seconds, seconds = time.thread_time() - used_before, time.monotonic() - started_at
    # The first burst, a step that exceeds it, the work of the loop itself, and a tenth of the time since then.
    assert used_seconds < 0.3 + 0.1 * seconds
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_limited_coroutine_returns_its_result_and_raises_its_error() -> None:
    async def fail() -> None:
        await asyncio.sleep(0)
        raise ValueError("no")

    loop_time = LoopTime(share=0.5, burst=1)
    assert await loop_time.limit(work(2, 0)) == "done"
    with pytest.raises(ValueError, match="no"):
        await loop_time.limit(fail())


@pytest.mark.parametrize("burst", [1.0, 0.0], ids=["with time left", "without time left"])
async def test_limited_coroutine_can_be_cancelled(burst: float) -> None:
    """The coroutine gets the cancellation, also while it waits for its share."""
    ended = asyncio.Event()

    async def wait() -> None:
        try:
            spin(0.01)
            await asyncio.sleep(0)
            await asyncio.Event().wait()
        finally:
            ended.set()

    task = asyncio.create_task(LoopTime(share=0.001, burst=burst).limit(wait()))
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_time_of_other_tasks_is_not_charged() -> None:
    loop_time = LoopTime(share=0.0001, burst=1)
    task = asyncio.create_task(loop_time.limit(asyncio.sleep(0.05)))
    await asyncio.sleep(0)
    spin(0.05)
    await task
    assert loop_time.level > 0.98
