"""Clients that wait for each other, over real sockets. The model has one place."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from wyoming.audio import AudioChunk
from wyoming.error import Error

from tests.helpers.servers.protocol_fakes import Client, connect, connect_to, pcm_of
from wyoming_kokoro.config import Config, ServerConfig, VoiceConfig
from wyoming_kokoro.server.listener import Listener
from wyoming_kokoro.testing import FakeSpeechModel, running_server

# One letter is 50 ms of audio, 2400 bytes. This is more than the buffers of a connection hold.
LONG_TEXT = " ".join(f"sentence {number} goes on and on and on." for number in range(300))


@asynccontextmanager
async def server(max_wait_seconds: float = 10.0) -> AsyncIterator[Listener]:
    limits = ServerConfig(max_streams=1, max_wait_seconds=max_wait_seconds, sentence_timeout_seconds=0.1)
    async with running_server(FakeSpeechModel(), Config(server=limits, voice=VoiceConfig(quality="full"))) as listener:
        yield listener


async def speak(listener: Listener, text: str) -> bytes:
    async with connect(listener) as client:
        await client.synthesize(text)
        return pcm_of(await client.read_until("audio-stop"))


@asynccontextmanager
async def connect_without_reading(listener: Listener) -> AsyncIterator[Client]:
    """Connect a client with small buffers."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.setblocking(False)
    await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", listener.addresses[0].port))
    client = Client(*await asyncio.open_connection(sock=connection, limit=4096))
    try:
        yield client
    finally:
        client.writer.close()


async def test_requests_at_once_are_all_spoken() -> None:
    async with server() as listener:
        texts = [f"different text number {number}." for number in range(5)]
        assert all(await asyncio.gather(*(speak(listener, text) for text in texts)))


async def test_second_client_is_served_while_a_stream_pauses() -> None:
    async with server() as listener, connect(listener) as paused:
        await paused.start_stream("This is the first sentence. And")
        await paused.read_until("audio-chunk")
        assert await speak(listener, "another client asks something.")
        await paused.send("synthesize-chunk", text=" this is the second one.")
        await paused.send("synthesize-stop")
        events = await paused.read_until("synthesize-stopped")
        assert not any(Error.is_type(event.type) for event in events)
        assert sum(AudioChunk.is_type(event.type) for event in events) > 20


async def test_second_client_is_served_while_another_does_not_read() -> None:
    async with server() as listener, connect_without_reading(listener) as silent:
        # Twenty times what the buffers hold.
        await silent.synthesize(" ".join(["a sentence goes on and on and on."] * 100))
        await asyncio.sleep(0.5)
        for number in range(3):
            assert await speak(listener, f"another client asks something {number}.")
        assert len(pcm_of(await silent.read_until("audio-stop"))) > 100 * 20 * 2400


async def test_request_that_would_wait_too_long_gets_its_expected_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wyoming_kokoro.scheduling.playback.BLOCKED_SECONDS", 60.0)
    async with server(max_wait_seconds=0.0) as listener, connect_without_reading(listener) as first:
        await first.synthesize(LONG_TEXT)
        await first.read_until("audio-start")
        async with connect_to(listener.addresses[0].port) as second:
            await second.synthesize("another text.")
            error = Error.from_event((await second.read_until("error"))[-1])
    assert error.code == "overloaded"
    assert "expected wait" in error.text
