"""What is not the protocol, or not in its order."""

from __future__ import annotations

import asyncio

import pytest

from tests.helpers.protocol_fakes import (
    AUDIO_CYCLE,
    TIMEOUT_SECONDS,
    Client,
    FakeSpeechService,
    connect,
    event_types,
    open_listener,
    serve_client,
)
from wyoming_kokoro.config import ServerConfig
from wyoming_kokoro.errors import ProtocolError
from wyoming_kokoro.protocol.handler import ConnectionHandler
from wyoming_kokoro.protocol.info import info_event
from wyoming_kokoro.types import ignore


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\nHost: me\r\n\r\n",
        b"[]\n",
        b'{"type": "synthesize", "data": null}\n',
        b'{"type": "synthesize", "data_length": 99999999}\n',
        b"x" * 300_000,
        b'{"type": "x", "data": {"x": ' + b"[" * 20_000,
    ],
    ids=lambda raw: repr(raw[:30]),
)
async def test_what_is_not_wyoming_is_told_so(raw: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """The client gets an error and is closed, the neighbour speaks on, and no traceback is logged."""
    service = FakeSpeechService()
    service.may_speak.clear()
    async with open_listener(service) as listener, connect(listener) as neighbour, connect(listener) as client:
        await neighbour.synthesize("hello")
        await client.send_raw(raw)
        client.writer.write_eof()
        (error,) = await client.read_all()
        assert error.data["code"] in ("protocol-error", "event-too-long")
        service.may_speak.set()
        assert event_types(await neighbour.read_until("audio-stop")) == AUDIO_CYCLE
    assert not [record for record in caplog.records if record.exc_info]


async def test_an_event_that_never_ends_is_told() -> None:
    """The deadline of half an event reaches the client as an error, although it ails the reader."""
    service = FakeSpeechService()
    readers: asyncio.Queue[asyncio.StreamReader] = asyncio.Queue()
    ended = asyncio.Event()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        readers.put_nowait(reader)
        info = info_event(service.voices)
        limits = ServerConfig()
        await ConnectionHandler(
            reader, writer, service, info, limits=limits, count_requests=lambda _: 0, observe=ignore
        ).run()
        ended.set()
        writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    async with server:
        client = Client(*await asyncio.open_connection(*server.sockets[0].getsockname()))
        await client.stream("one ")
        begun = await client.read_until("audio-chunk")
        (await readers.get()).set_exception(ProtocolError("an event was not complete"))
        assert event_types(begun + await client.read_all()) == ["audio-start", "audio-chunk", "error"]
        await asyncio.wait_for(ended.wait(), TIMEOUT_SECONDS)
        await client.close()


async def test_garbage_while_speaking_ends_the_speech() -> None:
    """Speech for a client that broke the protocol is given up, and the client is told."""
    async with serve_client() as (service, client):
        await client.stream("one ")
        await client.read_until("audio-chunk")
        await client.send_raw(b"garbage\n")
        assert event_types(await client.read_all()) == ["error"]
        assert service.utterances[0].closed.is_set()


@pytest.mark.parametrize("kind", ["synthesize-start", "synthesize-chunk"])
async def test_events_out_of_order_are_errors(kind: str) -> None:
    """A second start, or a chunk without a start, is answered with an error."""
    async with serve_client() as (_, client):
        if kind == "synthesize-start":
            await client.stream()
        await client.send(kind, text="hi")
        error = (await client.read_until("error"))[-1]
        assert error.data["code"] == "protocol-error"
