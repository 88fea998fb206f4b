"""Clients that go away, or do not listen."""

from __future__ import annotations

import asyncio
import logging

import pytest

from tests.helpers.protocol_fakes import (
    LONG_WORD,
    PATIENCE,
    SPOKEN,
    conversing,
    sound,
    types,
)
from wyoming_kokoro.protocol.events import CHUNK_BYTES


async def test_an_abandoned_stream_is_ended() -> None:
    """When the utterance ends without `synthesize-stop`, the client hears the rest and the end."""
    async with conversing() as (_, client):
        await client.stream("abandon ")
        assert types(await client.all()) == [*SPOKEN, "synthesize-stopped"]


async def test_a_client_that_goes_away_stops_its_work() -> None:
    """The utterance is closed although nothing was to be written, and no further word is made."""
    async with conversing() as (narrator, client):
        narrator.may_speak.clear()
        await client.say("one two three")
        await client.say("never spoken")
        await client.send("ping")
        await client.until("pong")
        await client.close()
        await asyncio.wait_for(narrator.utterances[0].closed.wait(), PATIENCE)
        narrator.may_speak.set()
        assert narrator.utterances[0].words == ["one"]
        assert narrator.utterances[1].words == []


async def test_a_client_that_goes_away_from_an_open_stream_stops_its_work() -> None:
    """A stream that waits for text ends with its connection."""
    async with conversing() as (narrator, client):
        await client.stream("one ")
        await client.until("audio-chunk")
        await client.close()
        await asyncio.wait_for(narrator.utterances[0].closed.wait(), PATIENCE)


async def test_a_client_that_resets_its_connection_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    """A reset while speaking is a normal end: nothing is logged above info."""
    async with conversing() as (narrator, client):
        await client.say("long " * 100)
        await client.until("audio-chunk")
        client.writer.transport.abort()
        await asyncio.wait_for(narrator.utterances[0].closed.wait(), PATIENCE)
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


async def test_a_client_that_does_not_read_is_waited_for() -> None:
    """No more is made than the buffers hold, and everything arrives once the client reads."""
    async with conversing() as (narrator, client):
        await client.say("long " * 1000)
        await client.until("audio-chunk")
        narrated = narrator.utterances[0]
        seen = -1
        while seen != len(narrated.words):
            seen = len(narrated.words)
            await asyncio.sleep(0.2)
        assert seen < 1000
        assert len(sound(await client.until("audio-stop"))) == 1000 * len(LONG_WORD) - CHUNK_BYTES
