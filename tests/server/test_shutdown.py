from __future__ import annotations

import asyncio

import pytest

from tests.helpers.protocol_fakes import (
    AUDIO_CYCLE,
    TIMEOUT_SECONDS,
    FakeSpeechService,
    connect,
    event_types,
    open_listener,
)


async def test_drain_closes_the_idle_and_lets_the_others_finish() -> None:
    """Who waits for nothing is closed at once; who is spoken to hears the end; nobody else comes in."""
    service = FakeSpeechService()
    service.may_speak.clear()
    async with open_listener(service) as listener, connect(listener) as idle, connect(listener) as busy:
        for client in (idle, busy):
            await client.send("ping")
            await client.read_until("pong")
        await busy.synthesize("hello")
        await busy.send("ping")
        await busy.read_until("pong")
        draining = asyncio.create_task(listener.drain(TIMEOUT_SECONDS))
        assert await idle.read_all() == []
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", listener.addresses[0].port)
        service.may_speak.set()
        assert event_types(await busy.read_all()) == AUDIO_CYCLE
        await draining
        assert listener.ended.is_set()


@pytest.mark.parametrize("streamed", [False, True])
async def test_drain_refuses_what_is_asked_later(streamed: bool) -> None:
    """On a connection that is open already: what was asked before is spoken, and what comes then is refused."""
    service = FakeSpeechService()
    service.may_speak.clear()
    async with open_listener(service) as listener, connect(listener) as client:
        await client.synthesize("before")
        await client.send("ping")
        await client.read_until("pong")
        draining = asyncio.create_task(listener.drain(TIMEOUT_SECONDS))
        await asyncio.sleep(0)
        if streamed:
            await client.stream("after ")
            await client.send("synthesize-stop")
        else:
            await client.synthesize("after")
        await client.send("ping")
        await client.read_until("pong")
        service.may_speak.set()
        events = await client.read_all()
        assert event_types(events) == [*AUDIO_CYCLE, "error", *(["synthesize-stopped"] if streamed else [])]
        (error,) = (event for event in events if event.type == "error")
        assert error.data["code"] == "shutting-down"
        await draining


async def test_drain_serves_those_who_had_connected() -> None:
    """Their first request may be on its way: Home Assistant connects and asks at once."""
    async with open_listener(FakeSpeechService()) as listener, connect(listener) as client:
        await client.send("ping")
        await client.read_until("pong")
        draining = asyncio.create_task(listener.drain(TIMEOUT_SECONDS))
        await asyncio.sleep(0)
        await client.synthesize("hello")
        assert event_types(await client.read_all()) == AUDIO_CYCLE
        await draining


async def test_drain_tells_those_who_still_wait() -> None:
    """After the time of grace open streams end in an error: a mere end would be taken for success."""
    service = FakeSpeechService()
    async with open_listener(service) as listener, connect(listener) as client:
        await client.stream("one ")
        begun = await client.read_until("audio-chunk")
        await listener.drain(0.05)
        rest = await client.read_all()
        assert event_types(begun + rest) == ["audio-start", "audio-chunk", "error"]
        assert rest[-1].data["code"] == "shutting-down"
        assert service.utterances[0].closed.is_set()


async def test_drain_does_not_wait_for_a_client_that_does_not_read() -> None:
    """Whoever blocks is cut off in the end."""
    service = FakeSpeechService()
    async with open_listener(service) as listener, connect(listener) as client:
        await client.synthesize("long " * 1000)
        await client.read_until("audio-chunk")
        await asyncio.wait_for(listener.drain(0.05), TIMEOUT_SECONDS)
        assert service.utterances[0].closed.is_set()


async def test_no_task_is_left_behind() -> None:
    """Leaving the context ends every conversation."""
    before = asyncio.all_tasks()
    service = FakeSpeechService()
    async with open_listener(service) as listener, connect(listener) as client, connect(listener) as other:
        await client.stream("one ")
        await client.read_until("audio-chunk")
        await other.send_raw(b'{"type": "desc')
    assert asyncio.all_tasks() == before
