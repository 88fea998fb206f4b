from __future__ import annotations

import asyncio

import pytest

from tests.helpers.protocol_fakes import PATIENCE, SPOKEN, SpeakingNarrator, calling, listening, types


async def test_drain_closes_the_idle_and_lets_the_others_finish() -> None:
    """Who waits for nothing is closed at once; who is spoken to hears the end; nobody else comes in."""
    narrator = SpeakingNarrator()
    narrator.may_speak.clear()
    async with listening(narrator) as listener, calling(listener) as idle, calling(listener) as busy:
        for client in (idle, busy):
            await client.send("ping")
            await client.until("pong")
        await busy.say("hello")
        await busy.send("ping")
        await busy.until("pong")
        draining = asyncio.create_task(listener.drain(PATIENCE))
        assert await idle.all() == []
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", listener.addresses[0].port)
        narrator.may_speak.set()
        assert types(await busy.all()) == SPOKEN
        await draining
        assert listener.ended.is_set()


@pytest.mark.parametrize("streamed", [False, True])
async def test_drain_refuses_what_is_asked_later(streamed: bool) -> None:
    """On a connection that is open already: what was asked before is spoken, and what comes then is refused."""
    narrator = SpeakingNarrator()
    narrator.may_speak.clear()
    async with listening(narrator) as listener, calling(listener) as client:
        await client.say("before")
        await client.send("ping")
        await client.until("pong")
        draining = asyncio.create_task(listener.drain(PATIENCE))
        await asyncio.sleep(0)
        if streamed:
            await client.stream("after ")
            await client.send("synthesize-stop")
        else:
            await client.say("after")
        await client.send("ping")
        await client.until("pong")
        narrator.may_speak.set()
        events = await client.all()
        assert types(events) == [*SPOKEN, "error", *(["synthesize-stopped"] if streamed else [])]
        (error,) = (event for event in events if event.type == "error")
        assert error.data["code"] == "shutting-down"
        await draining


async def test_drain_serves_those_who_had_connected() -> None:
    """Their first request may be on its way: Home Assistant connects and asks at once."""
    async with listening(SpeakingNarrator()) as listener, calling(listener) as client:
        await client.send("ping")
        await client.until("pong")
        draining = asyncio.create_task(listener.drain(PATIENCE))
        await asyncio.sleep(0)
        await client.say("hello")
        assert types(await client.all()) == SPOKEN
        await draining


async def test_drain_tells_those_who_still_wait() -> None:
    """After the time of grace open streams end in an error: a mere end would be taken for success."""
    narrator = SpeakingNarrator()
    async with listening(narrator) as listener, calling(listener) as client:
        await client.stream("one ")
        begun = await client.until("audio-chunk")
        await listener.drain(0.05)
        rest = await client.all()
        assert types(begun + rest) == ["audio-start", "audio-chunk", "error"]
        assert rest[-1].data["code"] == "shutting-down"
        assert narrator.utterances[0].closed.is_set()


async def test_drain_does_not_wait_for_a_client_that_does_not_read() -> None:
    """Whoever blocks is cut off in the end."""
    narrator = SpeakingNarrator()
    async with listening(narrator) as listener, calling(listener) as client:
        await client.say("long " * 1000)
        await client.until("audio-chunk")
        await asyncio.wait_for(listener.drain(0.05), PATIENCE)
        assert narrator.utterances[0].closed.is_set()


async def test_no_task_is_left_behind() -> None:
    """Leaving the context ends every conversation."""
    before = asyncio.all_tasks()
    narrator = SpeakingNarrator()
    async with listening(narrator) as listener, calling(listener) as client, calling(listener) as other:
        await client.stream("one ")
        await client.until("audio-chunk")
        await other.send_raw(b'{"type": "desc')
    assert asyncio.all_tasks() == before
