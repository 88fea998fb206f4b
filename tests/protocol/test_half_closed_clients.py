"""Clients that close their side of the connection after their request, as `nc -N` does, and read the answer."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest
from wyoming.event import Event

from tests.helpers.servers.protocol_fakes import (
    AUDIO_CYCLE,
    LONG_WORD_PCM,
    WORD_PCM,
    Client,
    FakeSpeechService,
    connect,
    event_types,
    open_listener,
    pcm_of,
    serve_client,
)
from tests.helpers.waiting import wait_until
from wyoming_kokoro.api.observations import RequestFinished


async def read_to_end(client: Client) -> list[Event]:
    """Return the events until the server closes the connection, without its probes."""
    return [event for event in await client.read_all() if event.type != "pong"]


async def test_plain_requests_get_all_audio() -> None:
    service = FakeSpeechService()
    service.may_speak.clear()
    async with open_listener(service) as listener, connect(listener) as client:
        await client.synthesize("one two")
        await client.synthesize("three")
        client.writer.write_eof()
        await client.read_until("pong")
        service.may_speak.set()
        events = await read_to_end(client)
    assert event_types(events) == AUDIO_CYCLE * 2
    assert pcm_of(events) == WORD_PCM * 3


async def test_stream_without_stop_is_complete_at_the_end_of_the_input() -> None:
    async with serve_client() as (_, client):
        await client.start_stream("one ", "two")
        client.writer.write_eof()
        events = await read_to_end(client)
    assert event_types(events) == [*AUDIO_CYCLE, "synthesize-stopped"]
    assert pcm_of(events) == WORD_PCM * 2


async def test_description_is_followed_by_the_end_of_the_connection() -> None:
    async with serve_client() as (_, client):
        await client.send("describe")
        client.writer.write_eof()
        assert event_types(await client.read_all()) == ["info"]


async def test_slow_client_gets_the_last_audio(monkeypatch: pytest.MonkeyPatch) -> None:
    """The buffer of the transport would be discarded when the connection closes."""
    monkeypatch.setattr("wyoming_kokoro.server.listener.CLOSE_TIMEOUT_SECONDS", 0)
    monkeypatch.setattr("wyoming_kokoro.protocol.request.MAX_SPEED_AHEAD", 1e9)
    async with open_listener(FakeSpeechService()) as listener:
        address = listener.addresses[0]
        # The kernel takes less than the answer.
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connection, (address.host, address.port))
        client = Client(*await asyncio.open_connection(sock=connection, limit=4096))
        await client.synthesize("long " * 20)
        client.writer.write_eof()
        audio = 0
        while event := await client.read():
            audio += len(event.payload or b"")
            await asyncio.sleep(0.002)
        await client.close()
    assert audio == 20 * len(LONG_WORD_PCM)


@pytest.mark.parametrize("kind", ["tcp", "unix"])
async def test_client_that_is_gone_is_noticed_while_nothing_is_sent(kind: str, tmp_path: Path) -> None:
    service = FakeSpeechService()
    service.may_speak.clear()
    observed: list[object] = []
    uri = "tcp://127.0.0.1:0" if kind == "tcp" else f"unix://{tmp_path}/socket"
    async with open_listener(service, uri, observe=observed.append) as listener:
        if kind == "tcp":
            opening = asyncio.open_connection("127.0.0.1", listener.addresses[0].port)
        else:
            opening = asyncio.open_unix_connection(f"{tmp_path}/socket")
        client = Client(*await opening)
        await client.synthesize("one two")
        await client.ping()
        await client.close()
        await wait_until(service.utterances[0].closed.is_set)
        assert service.utterances[0].words == ["one"]
        await wait_until(lambda: observed)
    assert [each.outcome for each in observed if isinstance(each, RequestFinished)] == ["cancelled"]
