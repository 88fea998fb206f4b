"""Clients that are broken or ill: beside them a good one is spoken to as if they were not there."""

from __future__ import annotations

import asyncio
import gc
import logging
from random import Random

import pytest

from tests.speaking import SpeakingNarrator, calling, listening, sound, types
from tools.load.malformed_conversations import KINDS, converse, draw
from wyoming_kokoro.events import MAX_DATA_BYTES, MAX_HEADER_BYTES
from wyoming_kokoro.ping import described

EACH = 6
AT_ONCE = 6


@pytest.mark.parametrize("seed", range(4))
async def test_a_good_client_does_not_notice(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is wrong inside the server either, and nothing is left of the others."""
    dice, complaints = Random(seed), []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    conversations = iter([*(kind(dice) for kind in KINDS), *(draw(dice) for _ in range(EACH * len(KINDS)))])

    async def attack(port: int) -> None:
        for conversation in conversations:
            await converse(port, conversation)

    narrator = SpeakingNarrator()
    before = asyncio.all_tasks()
    async with listening(narrator) as listener:
        port = listener.addresses[0].port
        attacks = [asyncio.create_task(attack(port)) for _ in range(AT_ONCE)]
        spoken = 0
        while not all(attacking.done() for attacking in attacks):
            async with calling(listener) as client:
                await client.stream("one two ", "three ")
                await client.send("synthesize-stop")
                events = await client.until("synthesize-stopped")
            assert types(events) == ["audio-start", "audio-chunk", "audio-stop", "synthesize-stopped"]
            assert len(sound(events)) == 3 * 4800
            spoken += 1
            await asyncio.sleep(0.01)
        await asyncio.gather(*attacks)
        assert (await described(f"tcp://127.0.0.1:{port}")).voices == 2
        assert spoken > 1
    gc.collect()
    await asyncio.sleep(0)
    assert complaints == []
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert asyncio.all_tasks() == before


def test_the_conversations_are_as_ill_as_they_say() -> None:
    """The same seed gives the same ones; they are small and short; all kinds occur, and the limits are passed."""
    drawn = [draw(Random(number)) for number in range(2000)]
    assert drawn == [draw(Random(number)) for number in range(2000)]
    assert len({conversation.kind for conversation in drawn}) >= 17
    sizes = [sum(len(step) for step in one.steps if isinstance(step, bytes)) for one in drawn]
    assert MAX_HEADER_BYTES < max(sizes) < 4 * MAX_DATA_BYTES
    assert max(sum(step for step in one.steps if isinstance(step, float)) for one in drawn) < 0.5
