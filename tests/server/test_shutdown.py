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


async def test_drain_closes_idle_connections_and_completes_requests() -> None:
    """New connections are refused."""
    service = FakeSpeechService()
    service.may_speak.clear()
    async with open_listener(service) as listener, connect(listener) as idle, connect(listener) as busy:
        for client in (idle, busy):
            await client.ping()
        await busy.synthesize("hello")
        await busy.ping()
        draining = asyncio.create_task(listener.drain(TIMEOUT_SECONDS))
        assert await idle.read_all() == []
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", listener.addresses[0].port)
        service.may_speak.set()
        assert event_types(await busy.read_all()) == AUDIO_CYCLE
        await draining
        assert listener.ended.is_set()


@pytest.mark.parametrize("streamed", [False, True])
async def test_request_during_drain_fails_on_an_open_connection(streamed: bool) -> None:
    """Requests from before the drain are completed."""
    service = FakeSpeechService()
    service.may_speak.clear()
    async with open_listener(service) as listener, connect(listener) as client:
        await client.synthesize("before")
        await client.ping()
        draining = asyncio.create_task(listener.drain(TIMEOUT_SECONDS))
        await asyncio.sleep(0)
        if streamed:
            await client.start_stream("after ")
            await client.send("synthesize-stop")
        else:
            await client.synthesize("after")
        await client.ping()
        service.may_speak.set()
        events = await client.read_all()
        assert event_types(events) == [*AUDIO_CYCLE, "error", *(["synthesize-stopped"] if streamed else [])]
        (error,) = (event for event in events if event.type == "error")
        assert error.data["code"] == "shutting-down"
        await draining


async def test_first_request_of_an_open_connection_is_served_during_drain() -> None:
    """Home Assistant sends its request right after it connects."""
    async with open_listener(FakeSpeechService()) as listener, connect(listener) as client:
        await client.ping()
        draining = asyncio.create_task(listener.drain(TIMEOUT_SECONDS))
        await asyncio.sleep(0)
        await client.synthesize("hello")
        assert event_types(await client.read_all()) == AUDIO_CYCLE
        await draining


async def test_stream_after_the_grace_period_ends_with_an_error() -> None:
    """A client would take a mere end for success."""
    service = FakeSpeechService()
    async with open_listener(service) as listener, connect(listener) as client:
        await client.start_stream("one ")
        begun = await client.read_until("audio-chunk")
        await listener.drain(0.05)
        rest = await client.read_all()
        assert event_types(begun + rest) == ["audio-start", "audio-chunk", "error"]
        assert rest[-1].data["code"] == "shutting-down"
        assert service.utterances[0].closed.is_set()


async def test_drain_cuts_off_a_client_that_does_not_read() -> None:
    service = FakeSpeechService()
    async with open_listener(service) as listener, connect(listener) as client:
        await client.synthesize("long " * 1000)
        await client.read_until("audio-chunk")
        await asyncio.wait_for(listener.drain(0.05), TIMEOUT_SECONDS)
        assert service.utterances[0].closed.is_set()


async def test_closed_listener_leaves_no_task() -> None:
    before = asyncio.all_tasks()
    service = FakeSpeechService()
    async with open_listener(service) as listener, connect(listener) as client, connect(listener) as other:
        await client.start_stream("one ")
        await client.read_until("audio-chunk")
        await other.send_raw(b'{"type": "desc')
    assert asyncio.all_tasks() == before
