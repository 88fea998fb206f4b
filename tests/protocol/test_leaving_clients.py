"""Clients that leave, or do not read."""

from __future__ import annotations

import asyncio
import logging

import pytest

from tests.helpers.servers.protocol_fakes import (
    AUDIO_CYCLE,
    LONG_WORD_PCM,
    FakeSpeechService,
    connect,
    event_types,
    open_listener,
    pcm_of,
    serve_client,
)
from tests.helpers.waiting import wait_until
from wyoming_kokoro.api.observations import ConnectionRejected, RequestFinished
from wyoming_kokoro.protocol.audio import MAX_AUDIO_CHUNK_BYTES


async def test_stream_without_stop_is_ended_after_its_timeout() -> None:
    """The client receives the remaining audio and `synthesize-stopped`."""
    async with serve_client() as (_, client):
        await client.start_stream("abandon ")
        assert event_types(await client.read_all()) == [*AUDIO_CYCLE, "synthesize-stopped"]


async def test_closed_connection_stops_its_requests() -> None:
    """Also while nothing is written to the client."""
    async with serve_client() as (service, client):
        service.may_speak.clear()
        await client.synthesize("one two three")
        await client.synthesize("second request")
        await client.ping()
        await client.close()
        await wait_until(service.utterances[0].closed.is_set)
        service.may_speak.set()
        assert service.utterances[0].words == ["one"]
        assert service.utterances[1].words == []


async def test_closed_connection_stops_its_open_stream() -> None:
    async with serve_client() as (service, client):
        await client.start_stream("one ")
        await client.read_until("audio-chunk")
        await client.close()
        await wait_until(service.utterances[0].closed.is_set)


async def test_connection_reset_is_not_logged_as_an_error(caplog: pytest.LogCaptureFixture) -> None:
    async with serve_client() as (service, client):
        await client.synthesize("long " * 100)
        await client.read_until("audio-chunk")
        client.writer.transport.abort()
        await wait_until(service.utterances[0].closed.is_set)
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


async def test_client_that_does_not_read_pauses_synthesis(monkeypatch: pytest.MonkeyPatch) -> None:
    """The audio is complete once the client reads again."""
    monkeypatch.setattr("wyoming_kokoro.protocol.request.MAX_SPEED_AHEAD", 1e9)
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


async def test_client_that_takes_nothing_is_disconnected(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would hold its request forever."""
    monkeypatch.setattr("wyoming_kokoro.protocol.handler.STALL_TIMEOUT_SECONDS", 0.2)
    monkeypatch.setattr("wyoming_kokoro.protocol.request.MAX_SPEED_AHEAD", 1e9)
    service = FakeSpeechService()
    observed: list[object] = []
    async with open_listener(service, observe=observed.append) as listener, connect(listener) as client:
        await client.synthesize("long " * 1000)
        await client.read_until("audio-chunk")
        await wait_until(service.utterances[0].closed.is_set)
    assert ConnectionRejected("wyoming", "client-stalled") in observed
    assert [each.outcome for each in observed if isinstance(each, RequestFinished)] == ["cancelled"]


async def test_audio_far_ahead_of_playback_is_sent_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Speech from the cache would else keep the event loop busy."""
    monkeypatch.setattr("wyoming_kokoro.protocol.request.AHEAD_SECONDS", 1.5)
    monkeypatch.setattr("wyoming_kokoro.protocol.request.MAX_SPEED_AHEAD", 1e-9)
    async with serve_client() as (service, client):
        await client.synthesize("long " * 10)
        await wait_until(lambda: service.utterances and len(service.utterances[0].words) >= 2)
        await asyncio.sleep(0.1)
        assert len(service.utterances[0].words) == 2
        await client.ping()
