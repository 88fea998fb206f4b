"""Tests that malformed clients do not disturb correct clients, and leave nothing behind."""

from __future__ import annotations

import asyncio
import gc
import logging
from random import Random
from typing import Any

import pytest

from tests.helpers.servers.protocol_fakes import FakeSpeechService, connect, event_types, open_listener, pcm_of
from tools.load.malformed_conversations import KINDS, generate_conversation, run_conversation
from wyoming_kokoro.cli.ping import describe
from wyoming_kokoro.protocol.event_format import MAX_DATA_BYTES, MAX_HEADER_BYTES

CONVERSATIONS_PER_KIND = 6
CONCURRENT_CONVERSATIONS = 6


@pytest.mark.parametrize("seed", range(4))
async def test_correct_client_is_not_disturbed(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    loop_errors: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: loop_errors.append(context))
    random = Random(seed)
    generated = [kind(random) for kind in KINDS]
    generated += [generate_conversation(random) for _ in range(CONVERSATIONS_PER_KIND * len(KINDS))]
    conversations = iter(generated)

    async def attack(port: int) -> None:
        for conversation in conversations:
            await run_conversation(port, conversation)

    tasks_before = asyncio.all_tasks()
    async with open_listener(FakeSpeechService()) as listener:
        port = listener.addresses[0].port
        attacks = [asyncio.create_task(attack(port)) for _ in range(CONCURRENT_CONVERSATIONS)]
        answers = 0
        while not all(attacking.done() for attacking in attacks):
            async with connect(listener) as client:
                await client.start_stream("one two ", "three ")
                await client.send("synthesize-stop")
                events = await client.read_until("synthesize-stopped")
            assert event_types(events) == ["audio-start", "audio-chunk", "audio-stop", "synthesize-stopped"]
            assert len(pcm_of(events)) == 3 * 4800
            answers += 1
            await asyncio.sleep(0.01)
        await asyncio.gather(*attacks)
        assert (await asyncio.to_thread(describe, f"tcp://127.0.0.1:{port}")).voices == 2
        assert answers > 1
    gc.collect()
    await asyncio.sleep(0)
    assert loop_errors == []
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert asyncio.all_tasks() == tasks_before


def test_generated_conversations_are_reproducible_small_and_of_all_kinds() -> None:
    conversations = [generate_conversation(Random(number)) for number in range(2000)]
    assert conversations == [generate_conversation(Random(number)) for number in range(2000)]
    assert len({conversation.kind for conversation in conversations}) >= 17
    sizes = [sum(len(step) for step in each.steps if isinstance(step, bytes)) for each in conversations]
    # The limits of the protocol are exceeded.
    assert MAX_HEADER_BYTES < max(sizes) < 4 * MAX_DATA_BYTES
    pauses = [sum(step for step in each.steps if isinstance(step, float)) for each in conversations]
    assert max(pauses) < 0.5
