from __future__ import annotations

import asyncio
import threading

import pytest

from tests.helpers.units import CHUNK, Clock, count_chunks, fake_units
from wyoming_kokoro.errors import SynthesisFailed
from wyoming_kokoro.scheduling.playback import Playback
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.scheduling.worker import UnitIterator
from wyoming_kokoro.speech.shared_synthesis import SharedSyntheses


async def test_identical_requests_share_one_synthesis() -> None:
    """Five satellites that announce the same at once hear it whole, and it is made once."""
    log: list[str] = []
    async with Scheduler() as engine:
        sharing = SharedSyntheses(engine)
        counts = await asyncio.gather(
            *(
                count_chunks(sharing.stream("same", Playback(Clock()), lambda: fake_units("s", 4, log)))
                for _ in range(5)
            )
        )
    assert counts == [4] * 5
    assert log == ["s0", "s1", "s2", "s3"]


async def test_one_of_two_sharers_leaving_harms_not_the_other() -> None:
    """A sharer that goes away in the middle, even while it waits for a unit, takes nothing from the other."""
    log: list[str] = []
    gate = threading.Event()
    async with Scheduler() as engine:
        sharing = SharedSyntheses(engine)
        tasks = [
            asyncio.create_task(
                count_chunks(sharing.stream("same", Playback(Clock()), lambda: fake_units("s", 3, log, gate)))
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


async def test_a_shared_failure_reaches_every_sharer() -> None:
    """When a shared synthesis breaks, nobody takes the part that was made for the whole."""

    def breaks() -> UnitIterator:
        yield CHUNK
        raise RuntimeError("bad weights")

    async with Scheduler() as engine:
        sharing = SharedSyntheses(engine)
        results = await asyncio.gather(
            *(count_chunks(sharing.stream("same", Playback(Clock()), breaks)) for _ in range(3)),
            return_exceptions=True,
        )
    assert [type(result) for result in results] == [SynthesisFailed] * 3
