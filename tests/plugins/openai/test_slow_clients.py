"""Clients of the speech API that leave, that read or write slowly, or that are too many."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from tests.helpers.servers.speech_api import raw_request, running_api
from tests.helpers.waiting import wait_until
from wyoming_kokoro.testing import FakeServer
from wyoming_kokoro_openai.speech import MAX_ACTIVE_REQUESTS


async def test_client_that_leaves_cancels_its_synthesis() -> None:
    class EndlessServer(FakeServer):
        closed = asyncio.Event()

        async def synthesize(self, text: str, voice: str | None = None, **options: Any) -> AsyncGenerator[bytes, None]:
            try:
                yield bytes(9600)
                await asyncio.Event().wait()
            finally:
                self.closed.set()

    server = EndlessServer()
    async with running_api(server) as api:
        reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
        writer.write(raw_request(b'{"input": "hi"}'))
        await asyncio.wait_for(reader.read(100), 20)
        writer.close()
        await asyncio.wait_for(server.closed.wait(), 20)


async def test_slow_client_slows_the_synthesis() -> None:
    """A long text needs no memory, because nothing is synthesized before the client takes what is there."""

    class ChunkCountingServer(FakeServer):
        count = 0

        async def synthesize(self, text: str, voice: str | None = None, **options: Any) -> AsyncGenerator[bytes, None]:
            for self.count in range(10_000):
                yield bytes(48_000)

    server = ChunkCountingServer()
    async with running_api(server) as api:
        reader, writer = await asyncio.open_connection("127.0.0.1", api.port, limit=4096)
        writer.write(raw_request(b'{"input": "hi", "response_format": "pcm"}'))
        await asyncio.wait_for(reader.read(100), 20)
        await asyncio.sleep(0.5)
        # The buffers of both sockets have a few megabytes.
        assert server.count < 500
        writer.close()


async def test_too_many_requests_at_once_are_refused() -> None:
    class WaitingServer(FakeServer):
        may_end = asyncio.Event()

        async def synthesize(self, text: str, voice: str | None = None, **options: Any) -> AsyncGenerator[bytes, None]:
            self.spoken.append((text, voice))
            await self.may_end.wait()
            yield bytes(480)

    server = WaitingServer()
    async with running_api(server) as api:
        tasks = [asyncio.create_task(api.speak()) for _ in range(MAX_ACTIVE_REQUESTS)]
        await wait_until(lambda: len(server.spoken) >= MAX_ACTIVE_REQUESTS)
        response = await api.speak("one more")
        assert response.json()["error"]["code"] == "too_many_requests"
        server.may_end.set()
        assert {(await task).status_code for task in tasks} == {200}


async def test_slow_body_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wyoming_kokoro_openai.speech_request.BODY_TIMEOUT_SECONDS", 0.1)
    async with running_api() as api:
        reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
        writer.write(raw_request(b'{"input', length=1000))
        # The connection stays open for 10 s, so that the client can read the answer.
        answer = await asyncio.wait_for(reader.readuntil(b"request_timeout"), 20)
        writer.close()
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"Connection: close" in answer


async def test_slow_bodies_take_no_place_of_other_requests() -> None:
    async with running_api() as api:
        connections = [await asyncio.open_connection("127.0.0.1", api.port) for _ in range(MAX_ACTIVE_REQUESTS + 1)]
        for _, writer in connections:
            writer.write(raw_request(b'{"input', length=1000))
        await asyncio.sleep(0.2)
        assert (await api.speak()).status_code == 200
        for _, writer in connections:
            writer.close()
