from __future__ import annotations

import asyncio
import logging
from itertools import pairwise

import pytest
from wyoming.info import Info

from tests.helpers.servers.protocol_fakes import (
    AUDIO_CYCLE,
    LONG_WORD_PCM,
    SILENCE_PCM,
    TIMEOUT_SECONDS,
    WORD_PCM,
    FakeSpeechService,
    connect,
    event_types,
    open_listener,
    pcm_of,
    serve_client,
)
from tests.helpers.waiting import wait_until
from wyoming_kokoro import __version__
from wyoming_kokoro._compat import timeout
from wyoming_kokoro.clients.registry import Clients
from wyoming_kokoro.protocol.audio import MAX_AUDIO_CHUNK_BYTES
from wyoming_kokoro.protocol.handler import MAX_WAITING_REQUESTS


async def test_info_has_every_key_that_home_assistant_needs() -> None:
    async with serve_client() as (_, client):
        await client.send("describe")
        (event,) = await client.read_until("info")
        (program,) = event.data["tts"]
        assert program["name"] == "kokoro"
        assert program["installed"] is True
        assert program["supports_synthesize_streaming"] is True
        assert program["version"] == __version__
        assert program["attribution"].keys() == {"name", "url"}
        voice = program["voices"][0]
        assert voice["name"] == "af_heart"
        assert voice["languages"] == ["en-US"]
        assert voice["description"] == "A, Heart (US, female)"
        assert voice["installed"] is True
        assert voice["version"]
        assert voice["attribution"].keys() == {"name", "url"}
        assert len(Info.from_event(event).tts[0].voices) == 2


async def test_describe_is_answered_while_audio_is_sent() -> None:
    """On the same connection and on another one."""
    service = FakeSpeechService()
    service.may_speak.clear()
    async with open_listener(service) as listener, connect(listener) as speaking, connect(listener) as other:
        await speaking.synthesize("hello")
        for client in (speaking, other):
            await client.send("describe")
            assert event_types(await client.read_until("info")) == ["info"]
        service.may_speak.set()
        assert event_types(await speaking.read_until("audio-stop")) == AUDIO_CYCLE


async def test_plain_requests_are_answered_in_order_on_one_connection() -> None:
    """Each answer is exactly one audio cycle, and the connection stays open."""
    async with serve_client() as (service, client):
        texts = ["one", "two words", "now three words", *["more"] * 2 * MAX_WAITING_REQUESTS]
        for text in texts:
            await client.synthesize(text)
        for text in texts:
            events = await client.read_until("audio-stop")
            assert event_types(events) == AUDIO_CYCLE
            assert pcm_of(events) == WORD_PCM * len(text.split())
        await client.send("describe")
        assert event_types(await client.read_until("info")) == ["info"]
        assert [utterance.text for utterance in service.utterances] == texts


async def test_audio_is_24_khz_mono_in_small_chunks() -> None:
    async with serve_client() as (_, client):
        await client.synthesize("long")
        start, *chunks, _ = await client.read_until("audio-stop")
        for event in (start, *chunks):
            assert (event.data["rate"], event.data["width"], event.data["channels"]) == (24_000, 2, 1)
        assert max(len(chunk.payload or b"") for chunk in chunks) == MAX_AUDIO_CHUNK_BYTES
        assert pcm_of(chunks) == LONG_WORD_PCM


async def test_stream_sends_audio_before_its_text_is_complete() -> None:
    """In one audio cycle, which ends with `synthesize-stopped`."""
    async with serve_client() as (service, client):
        await client.start_stream("hel", "lo ", "wor")
        first = await client.read_until("audio-chunk")
        assert event_types(first) == ["audio-start", "audio-chunk"]
        await client.send("synthesize-chunk", text="ld")
        await client.send("synthesize", text="hello world")
        await client.send("synthesize-stop")
        rest = await client.read_until("synthesize-stopped")
        assert event_types(first + rest) == [*AUDIO_CYCLE, "synthesize-stopped"]
        assert pcm_of(first + rest) == WORD_PCM * 2
        assert len(service.utterances) == 1


async def test_plain_request_between_streams_is_answered() -> None:
    """A `synthesize` is ignored only while a stream is open."""
    async with serve_client() as (_, client):
        await client.start_stream("one ", "two")
        await client.send("synthesize-stop")
        await client.synthesize("three")
        await client.start_stream("four")
        await client.send("synthesize-stop")
        assert pcm_of(await client.read_until("synthesize-stopped")) == WORD_PCM * 2
        assert event_types(await client.read_until("audio-stop")) == AUDIO_CYCLE
        assert event_types(await client.read_until("synthesize-stopped")) == [*AUDIO_CYCLE, "synthesize-stopped"]


async def test_empty_text_is_answered_with_silence() -> None:
    """Home Assistant fails without audio, and waits for the end of the stream."""
    async with serve_client() as (_, client):
        await client.synthesize("")
        assert pcm_of(await client.read_until("audio-stop")) == SILENCE_PCM
        await client.start_stream()
        await client.send("synthesize-stop")
        events = await client.read_until("synthesize-stopped")
        assert event_types(events) == [*AUDIO_CYCLE, "synthesize-stopped"]
        assert pcm_of(events) == SILENCE_PCM


async def test_stop_without_start_is_answered() -> None:
    """The client waits for `synthesize-stopped`."""
    async with serve_client() as (_, client):
        await client.send("synthesize-stop")
        assert event_types(await client.read_until("synthesize-stopped")) == ["synthesize-stopped"]


@pytest.mark.parametrize(
    ("data", "code", "text"),
    [
        ({"text": "hi", "voice": {"name": "af_hart"}}, "unknown-voice", "similar: af_heart"),
        ({"text": "hi", "text_format": "html"}, "unsupported-text", "send 'text' or 'ssml'"),
        ({"text": "x" * 10_001}, "text-too-long", "in parts"),
        ({"text": "fail"}, "synthesis-failed", "no audio"),
        ({"text": "explode"}, "internal-error", "log"),
        ({}, "protocol-error", "text"),
        ({"text": None}, "protocol-error", "text"),
        ({"text": ["hi"]}, "protocol-error", "text"),
        ({"text": "hi", "voice": None}, "protocol-error", "voice"),
        ({"text": "hi", "voice": "af_heart"}, "protocol-error", "voice"),
        ({"text": "hi", "voice": {"name": 7}}, "protocol-error", "voice.name"),
    ],
)
async def test_failed_plain_request_sends_error_and_closes(data: dict[str, object], code: str, text: str) -> None:
    async with serve_client() as (_, client):
        await client.send("synthesize", **data)
        (error,) = await client.read_all()
        assert error.type == "error"
        assert error.data["code"] == code
        assert text in error.data["text"]


@pytest.mark.parametrize(
    ("start", "chunk", "code"),
    [
        ({"voice": {"name": "af_missing"}}, {"text": "hi"}, "unknown-voice"),
        ({"voice": None}, {"text": "hi"}, "protocol-error"),
        ({"text_format": "html"}, {"text": "hi"}, "unsupported-text"),
        ({}, {"text": "x" * 10_001}, "text-too-long"),
        ({}, {}, "protocol-error"),
        ({}, {"text": 1}, "protocol-error"),
        ({}, {"text": "fail "}, "synthesis-failed"),
        ({}, {"text": "explode "}, "internal-error"),
    ],
)
async def test_failed_stream_is_read_until_stop(start: dict[str, object], chunk: dict[str, object], code: str) -> None:
    """The error is sent at once, and `synthesize-stopped` after `synthesize-stop`. Then the connection closes."""
    async with serve_client() as (_, client):
        await client.send("synthesize-start", **start)
        await client.send("synthesize-chunk", **chunk)
        error = (await client.read_until("error"))[-1]
        assert error.data["code"] == code
        await client.send("synthesize-chunk", text="more ")
        await client.send("synthesize", text="everything")
        await client.send("ping")
        assert event_types(await client.read_until("pong")) == ["pong"]
        await client.send("synthesize-stop")
        assert event_types(await client.read_all()) == ["synthesize-stopped"]


async def test_stream_that_fails_later_stops_at_once() -> None:
    """Text from before the failure is not synthesized first."""
    async with serve_client() as (service, client):
        await client.start_stream("one ")
        await client.read_until("audio-chunk")
        await client.send("synthesize-chunk", text="x " * 5_001)
        assert "audio-stop" not in event_types(await client.read_until("error"))
        assert service.utterances[0].closed.is_set()
        assert len(service.utterances[0].words) == 2


async def test_unexpected_exception_is_logged_and_hidden_from_client(caplog: pytest.LogCaptureFixture) -> None:
    async with serve_client() as (_, client):
        await client.synthesize("explode")
        (error,) = await client.read_all()
    assert "secret" not in error.data["text"]
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.exc_info


async def test_voice_language_and_speaker_reach_the_service() -> None:
    async with serve_client() as (service, client):
        for voice in ({"name": "af_heart", "speaker": "x"}, {"language": "fr"}, {}):
            await client.send("synthesize", text="hi", voice=voice)
            await client.read_until("audio-stop")
        await client.synthesize("hi")
        await client.read_until("audio-stop")
        default = (None, None, None)
        assert service.requested_voices == [("af_heart", None, "x"), (None, "fr", None), default, default]


async def test_text_format_reaches_the_service() -> None:
    async with serve_client() as (service, client):
        for text_format in ("ssml", "text", None):
            await client.send("synthesize", text="hi", text_format=text_format)
            await client.read_until("audio-stop")
        await client.send("synthesize-start", text_format="ssml")
        await client.send("synthesize-chunk", text="hi")
        await client.send("synthesize-stop")
        await client.read_until("synthesize-stopped")
        assert service.requested_formats == ["ssml", "text", None, "ssml"]


async def test_ping_is_answered_and_unknown_events_are_ignored() -> None:
    async with serve_client() as (_, client):
        await client.send("run-satellite", data=[1])
        await client.send("ping", text="42")
        (pong,) = await client.read_until("pong")
        assert pong.data["text"] == "42"
        await client.send("ping")
        (pong,) = await client.read_until("pong")
        assert pong.data["text"] is None


async def test_selecting_another_program_is_an_error() -> None:
    async with serve_client() as (_, client):
        await client.send("select-program", name="kokoro")
        await client.synthesize("hi")
        assert event_types(await client.read_until("audio-stop")) == AUDIO_CYCLE
        await client.send("select-program", name="piper")
        (error,) = await client.read_all()
        assert "kokoro" in error.data["text"]


async def test_text_that_waits_is_limited_over_all_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client may hold what is left for others. What it held is free when it leaves."""
    clients = Clients(10_000)
    monkeypatch.setattr("wyoming_kokoro.server.listener.Clients", lambda: clients)
    service = FakeSpeechService()
    service.may_speak.clear()
    async with open_listener(service) as listener:
        async with connect(listener) as hoarder:
            await hoarder.start_stream("a" * 4000)
            await hoarder.ping()
            assert clients.find("127.0.0.1").held_bytes > 4000
            async with connect(listener) as refused:
                await refused.start_stream("a" * 4000)
                (error,) = await refused.read_all()
                assert error.data["code"] == "overloaded"
        service.may_speak.set()
        await wait_until(service.utterances[0].closed.is_set)
        async with connect(listener) as client:
            await client.synthesize("a" * 4000)
            await client.read_until("audio-stop")
            await client.ping()
        await wait_until(lambda: not clients.find("127.0.0.1").held_bytes)


async def test_events_that_arrive_together_let_other_tasks_run() -> None:
    """A client that sends a long text letter by letter."""
    service = FakeSpeechService()
    lengths: list[int] = []
    async with open_listener(service) as listener, connect(listener) as client:
        chunk = b'{"type": "synthesize-chunk", "data": {"text": "a"}}\n'
        client.writer.write(b'{"type": "synthesize-start"}\n' + chunk * 1000 + b'{"type": "synthesize-stop"}\n')
        async with timeout(TIMEOUT_SECONDS):
            while not lengths or lengths[-1] < 1000:
                await asyncio.sleep(0)
                lengths += [len(utterance.text) for utterance in service.utterances]
        await client.read_until("synthesize-stopped")
    assert max(later - earlier for earlier, later in pairwise([0, *lengths])) <= 3
