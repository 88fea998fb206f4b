from __future__ import annotations

import asyncio
import threading

import pytest

from tests.helpers.synthesis.units import CHUNK, count_chunks, fake_units, new_playback
from wyoming_kokoro.errors import SynthesisFailed
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.scheduling.worker import UnitIterator
from wyoming_kokoro.speech.shared_synthesis import SharedSyntheses


async def test_identical_requests_share_one_synthesis() -> None:
    log: list[str] = []
    async with Scheduler() as scheduler:
        shared = SharedSyntheses(scheduler)
        counts = await asyncio.gather(
            *(count_chunks(shared.stream("same", new_playback(), lambda: fake_units("s", 4, log))) for _ in range(5))
        )
    assert counts == [4] * 5
    assert log == ["s0", "s1", "s2", "s3"]


async def test_subscriber_that_comes_at_any_moment_hears_all_chunks() -> None:
    """It may come between the result of a unit and the moment at which a busy subscriber takes it."""
    async with Scheduler() as scheduler:
        shared = SharedSyntheses(scheduler)

        async def count_slowly() -> int:
            count = 0
            async for chunk in shared.stream("same", new_playback(), lambda: fake_units("s", 20, [])):
                count += len(chunk) > 0
                await asyncio.sleep(0.002)
            return count

        subscribers = [asyncio.create_task(count_slowly())]
        while not subscribers[0].done():
            await asyncio.sleep(0)
            subscribers.append(asyncio.create_task(count_slowly()))
        assert {await subscriber for subscriber in subscribers} == {20}


async def test_cancelled_subscriber_does_not_affect_the_other() -> None:
    """It is cancelled while it waits for a unit."""
    log: list[str] = []
    gate = threading.Event()
    async with Scheduler() as scheduler:
        shared = SharedSyntheses(scheduler)
        tasks = [
            asyncio.create_task(
                count_chunks(shared.stream("same", new_playback(), lambda: fake_units("s", 3, log, gate)))
            )
            for _ in range(2)
        ]
        await asyncio.sleep(0.01)
        tasks[0].cancel()
        gate.set()
        assert await tasks[1] == 3
        with pytest.raises(asyncio.CancelledError):
            await tasks[0]
    assert log == ["s0", "s1", "s2"]


async def test_failure_reaches_every_subscriber() -> None:
    """Slower subscribers must not take the chunks so far for the whole."""

    def broken() -> UnitIterator:
        yield CHUNK
        raise RuntimeError("bad weights")

    async with Scheduler() as scheduler:
        shared = SharedSyntheses(scheduler)
        results = await asyncio.gather(
            *(count_chunks(shared.stream("same", new_playback(), broken)) for _ in range(3)),
            return_exceptions=True,
        )
    assert [type(result) for result in results] == [SynthesisFailed] * 3
