"""Requests of Home Assistant 2025.7 to 2026.11, byte for byte, to a server and through HAProxy."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.network.balanced_servers import balanced_servers, needs_haproxy
from tests.helpers.servers.protocol_fakes import (
    AUDIO_CYCLE,
    SILENCE_PCM,
    WORD_PCM,
    Client,
    FakeSpeechService,
    event_types,
    pcm_of,
    serve_client,
)
from tools.scaling.haproxy_process import REPLICA_HOSTS

Serve = Callable[[], AbstractAsyncContextManager[tuple[FakeSpeechService, Client]]]


@pytest.fixture(params=["direct", pytest.param("haproxy", marks=needs_haproxy)])
def serve(request: Any, tmp_path: Path) -> Serve:
    """A server with a client, which connects to it or to HAProxy."""

    @asynccontextmanager
    async def serve_through_haproxy() -> AsyncIterator[tuple[FakeSpeechService, Client]]:
        async with balanced_servers(tmp_path, REPLICA_HOSTS[:1]) as servers:
            client = await servers.connect()
            yield servers.replicas[0].service, client
            await client.close()

    return serve_client if request.param == "direct" else serve_through_haproxy


def encode(kind: str, data: str = "") -> bytes:
    """Return an event as the library of Home Assistant 2026.11 writes it, with a separate data block."""
    block = data.encode()
    length = f', "data_length": {len(block)}' if block else ""
    return f'{{"type": "{kind}", "version": "1.10.2"{length}}}\n'.encode() + block


START = encode("synthesize-start", '{"voice": {"name": "af_heart"}}')
STOP = encode("synthesize-stop")


def chunk_event(text: str) -> bytes:
    return encode("synthesize-chunk", json.dumps({"text": text}, ensure_ascii=False))


def synthesize_event(text: str) -> bytes:
    data = {"text": text, "voice": {"name": "af_heart"}}
    return encode("synthesize", json.dumps(data, ensure_ascii=False))


async def test_describe_poll_is_answered(serve: Serve) -> None:
    """Every 30 s, Home Assistant connects, sends `describe`, reads until `info` and closes."""
    async with serve() as (_, client):
        await client.send_raw(b'{"type": "describe", "version": "1.10.2"}\n')
        assert event_types(await client.read_until("info")) == ["info"]


async def test_plain_request_of_2025_7_is_one_audio_cycle(serve: Serve) -> None:
    """Without streaming: one `synthesize`, and audio until the first `audio-stop`."""
    async with serve() as (service, client):
        await client.send_raw(synthesize_event("Turned on the lights"))
        events = await client.read_until("audio-stop")
        assert event_types(events) == AUDIO_CYCLE
        assert pcm_of(events) == WORD_PCM * 4
        assert service.requested_voices == [("af_heart", None, None)]


async def test_short_answer_is_synthesized_once(serve: Serve) -> None:
    """Everything arrives at once, and the repeated text is ignored."""
    text = "Living room temperature is 21.3 °C"
    async with serve() as (service, client):
        await client.send_raw(START + chunk_event(text) + synthesize_event(text) + STOP)
        events = await client.read_until("synthesize-stopped")
        assert event_types(events) == [*AUDIO_CYCLE, "synthesize-stopped"]
        assert pcm_of(events) == WORD_PCM * 6
        assert [utterance.text for utterance in service.utterances] == [text]


async def test_llm_answer_has_audio_before_its_end(serve: Serve) -> None:
    """The first chunk has more than 60 characters, then tokens follow."""
    first = "The forecast for today is **mostly sunny** with a high of 21.5 °C"
    tokens = [" and", " light", " winds", ".\n\n-", " Morning", ":", " 14°C", " 🌤️"]
    async with serve() as (service, client):
        await client.send_raw(START + chunk_event(first))
        first_events = await client.read_until("audio-chunk")
        for token in tokens:
            await client.send_raw(chunk_event(token))
        await client.send_raw(synthesize_event(first + "".join(tokens)) + STOP)
        events = first_events + await client.read_until("synthesize-stopped")
        assert event_types(events) == [*AUDIO_CYCLE, "synthesize-stopped"]
        assert service.utterances[0].text == first + "".join(tokens)
        assert len(service.utterances) == 1


async def test_empty_answer_has_audio_and_an_end(serve: Serve) -> None:
    """ffmpeg fails without audio."""
    async with serve() as (_, client):
        await client.send_raw(START + STOP)
        events = await client.read_until("synthesize-stopped")
        assert event_types(events) == [*AUDIO_CYCLE, "synthesize-stopped"]
        assert pcm_of(events) == SILENCE_PCM


async def test_failed_answer_is_read_until_stop(serve: Serve) -> None:
    """Home Assistant before 2026.9 ignores the error, writes on, and waits for the end of the stream."""
    async with serve() as (_, client):
        await client.send_raw(START + chunk_event("one "))
        await client.read_until("audio-chunk")
        await client.send_raw(chunk_event("fail "))
        error = (await client.read_until("error"))[-1]
        assert error.data["code"] == "synthesis-failed"
        await client.send_raw(chunk_event("more ") + synthesize_event("one fail more") + STOP)
        assert event_types(await client.read_until("synthesize-stopped")) == ["synthesize-stopped"]
        assert await client.read() is None


async def test_unknown_voice_is_an_error_before_anything_else(serve: Serve) -> None:
    async with serve() as (_, client):
        start = encode("synthesize-start", '{"voice": {"name": "af_gone"}}')
        await client.send_raw(start + chunk_event("hi") + synthesize_event("hi") + STOP)
        events = await client.read_all()
        assert event_types(events) == ["error", "synthesize-stopped"]
        assert events[0].data["code"] == "unknown-voice"
