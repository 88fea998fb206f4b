"""Malformed clients get an error, do not disturb correct clients, and leave nothing behind."""

from __future__ import annotations

import asyncio
import gc
import logging
from random import Random
from typing import Any

import pytest

from tests.helpers.servers.protocol_fakes import (
    AUDIO_CYCLE,
    TIMEOUT_SECONDS,
    Client,
    FakeSpeechService,
    connect,
    event_types,
    open_listener,
    pcm_of,
    serve_client,
)
from tools.faults.malformed_conversations import KINDS, generate_conversation, run_conversation
from wyoming_kokoro.api.observations import ConnectionRejected
from wyoming_kokoro.cli.ping import describe
from wyoming_kokoro.clients.registry import Clients
from wyoming_kokoro.config import ServerConfig
from wyoming_kokoro.errors import ProtocolError
from wyoming_kokoro.protocol.closing import ClientErrors
from wyoming_kokoro.protocol.event_format import MAX_DATA_BYTES, MAX_HEADER_BYTES
from wyoming_kokoro.protocol.handler import ConnectionHandler
from wyoming_kokoro.protocol.info import info_event
from wyoming_kokoro.types import ignore

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


async def test_malformed_conversations_are_counted_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    observed: list[object] = []
    async with open_listener(FakeSpeechService(), observe=observed.append) as listener:
        for _ in range(20):
            async with connect(listener) as client:
                await client.send_raw(b"\x1b[31m garbage\n")
                assert event_types(await client.read_all()) == ["error"]
    assert observed.count(ConnectionRejected("wyoming", "protocol-error")) == 20
    (record,) = caplog.records
    assert record.getMessage().startswith("Closed the connection of 127.0.0.1: not a Wyoming event")


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
async def test_invalid_bytes_are_answered_with_an_error(raw: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """Other clients are not affected, and no traceback is logged."""
    service = FakeSpeechService()
    service.may_speak.clear()
    async with open_listener(service) as listener, connect(listener) as other, connect(listener) as client:
        await other.synthesize("hello")
        await client.send_raw(raw)
        client.writer.write_eof()
        (error,) = await client.read_all()
        assert error.data["code"] in ("protocol-error", "event-too-long")
        service.may_speak.set()
        assert event_types(await other.read_until("audio-stop")) == AUDIO_CYCLE
    assert not [record for record in caplog.records if record.exc_info]


async def test_event_timeout_reaches_the_client_as_an_error() -> None:
    """Although the exception is set on the reader."""
    service = FakeSpeechService()
    readers: asyncio.Queue[asyncio.StreamReader] = asyncio.Queue()
    ended = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        readers.put_nowait(reader)
        info = info_event(service.voices)
        limits = ServerConfig()
        await ConnectionHandler(
            reader,
            writer,
            service,
            info,
            address="127.0.0.1",
            clients=Clients(),
            limits=limits,
            count_requests=lambda _: 0,
            errors=ClientErrors(ignore),
            observe=ignore,
        ).run()
        ended.set()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        client = Client(*await asyncio.open_connection(*server.sockets[0].getsockname()))
        await client.start_stream("one ")
        first = await client.read_until("audio-chunk")
        (await readers.get()).set_exception(ProtocolError("event not complete"))
        assert event_types(first + await client.read_all()) == ["audio-start", "audio-chunk", "error"]
        await asyncio.wait_for(ended.wait(), TIMEOUT_SECONDS)
        await client.close()


async def test_invalid_bytes_while_audio_is_sent_stop_synthesis() -> None:
    async with serve_client() as (service, client):
        await client.start_stream("one ")
        await client.read_until("audio-chunk")
        await client.send_raw(b"garbage\n")
        assert event_types(await client.read_all()) == ["error"]
        assert service.utterances[0].closed.is_set()


@pytest.mark.parametrize("kind", ["synthesize-start", "synthesize-chunk"])
async def test_event_out_of_order_is_an_error(kind: str) -> None:
    async with serve_client() as (_, client):
        if kind == "synthesize-start":
            await client.start_stream()
        await client.send(kind, text="hi")
        error = (await client.read_until("error"))[-1]
        assert error.data["code"] == "protocol-error"
