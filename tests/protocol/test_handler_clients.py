"""Clients that go away, or do not listen."""

from __future__ import annotations

import asyncio
import logging

import pytest

from tests.helpers.protocol_fakes import (
    AUDIO_CYCLE,
    LONG_WORD_PCM,
    TIMEOUT_SECONDS,
    event_types,
    pcm_of,
    serve_client,
)
from wyoming_kokoro.protocol.events import MAX_AUDIO_CHUNK_BYTES


async def test_an_abandoned_stream_is_ended() -> None:
    """When the utterance ends without `synthesize-stop`, the client hears the rest and the end."""
    async with serve_client() as (_, client):
        await client.stream("abandon ")
        assert event_types(await client.read_all()) == [*AUDIO_CYCLE, "synthesize-stopped"]


async def test_a_client_that_goes_away_stops_its_work() -> None:
    """The utterance is closed although nothing was to be written, and no further word is made."""
    async with serve_client() as (service, client):
        service.may_speak.clear()
        await client.synthesize("one two three")
        await client.synthesize("never spoken")
        await client.send("ping")
        await client.read_until("pong")
        await client.close()
        await asyncio.wait_for(service.utterances[0].closed.wait(), TIMEOUT_SECONDS)
        service.may_speak.set()
        assert service.utterances[0].words == ["one"]
        assert service.utterances[1].words == []


async def test_a_client_that_goes_away_from_an_open_stream_stops_its_work() -> None:
    """A stream that waits for text ends with its connection."""
    async with serve_client() as (service, client):
        await client.stream("one ")
        await client.read_until("audio-chunk")
        await client.close()
        await asyncio.wait_for(service.utterances[0].closed.wait(), TIMEOUT_SECONDS)


async def test_a_client_that_resets_its_connection_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    """A reset while speaking is a normal end: nothing is logged above info."""
    async with serve_client() as (service, client):
        await client.synthesize("long " * 100)
        await client.read_until("audio-chunk")
        client.writer.transport.abort()
        await asyncio.wait_for(service.utterances[0].closed.wait(), TIMEOUT_SECONDS)
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


async def test_a_client_that_does_not_read_is_waited_for() -> None:
    """No more is made than the buffers hold, and everything arrives once the client reads."""
    async with serve_client() as (service, client):
        await client.synthesize("long " * 1000)
        await client.read_until("audio-chunk")
        utterance = service.utterances[0]
        seen = -1
        while seen != len(utterance.words):
            seen = len(utterance.words)
            await asyncio.sleep(0.2)
        assert seen < 1000
        assert len(pcm_of(await client.read_until("audio-stop"))) == 1000 * len(LONG_WORD_PCM) - MAX_AUDIO_CHUNK_BYTES
