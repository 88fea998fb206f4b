"""Limits on the connections of HTTP clients, which both HTTP servers have."""

from __future__ import annotations

import asyncio
import sys

import pytest

from tests.helpers.servers.speech_api import running_api


@pytest.mark.skipif(sys.platform != "linux", reason="needs more than one loopback address")
async def test_burst_of_connections_ends_at_the_door(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other clients are served meanwhile, and the log has one line of it."""
    monkeypatch.setattr("wyoming_kokoro.clients.registry.CONNECTION_BURST", 20)
    monkeypatch.setattr("wyoming_kokoro.clients.registry.CONNECTIONS_PER_SECOND", 1)
    async with running_api() as api:
        opening = [asyncio.open_connection("127.0.0.1", api.port, local_addr=("127.0.0.2", 0)) for _ in range(60)]
        burst = await asyncio.gather(*opening)
        assert (await api.client.get("/v1/models")).status_code == 200
        for _, writer in burst:
            writer.write(b"GET /v1/models HTTP/1.0\r\nHost: localhost\r\n\r\n")
        answers = await asyncio.gather(*(reader.read() for reader, _ in burst), return_exceptions=True)
        for _, writer in burst:
            writer.close()
    served = [answer for answer in answers if isinstance(answer, bytes) and b" 200 OK" in answer]
    assert 20 <= len(served) < 30
    assert [record.getMessage() for record in caplog.records if "too many" in record.getMessage()] == [
        "Closed the connection of 127.0.0.2: it opens too many connections in a short time"
    ]
