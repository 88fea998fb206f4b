from __future__ import annotations

import logging

import pytest
from wyoming.info import Info

from tests.helpers.protocol_fakes import (
    LONG_WORD,
    SILENCE,
    SPOKEN,
    WORD,
    SpeakingNarrator,
    calling,
    conversing,
    listening,
    sound,
    types,
)
from wyoming_kokoro import __version__
from wyoming_kokoro.protocol.events import CHUNK_BYTES
from wyoming_kokoro.protocol.handler import MAX_WAITING_REQUESTS


async def test_describe_tells_all_that_home_assistant_needs() -> None:
    """Program and voices have every key without which Home Assistant fails to set up."""
    async with conversing() as (_, client):
        await client.send("describe")
        (event,) = await client.until("info")
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


async def test_describe_is_answered_while_speaking() -> None:
    """`describe` waits neither for this connection's speech nor for that of others."""
    narrator = SpeakingNarrator()
    narrator.may_speak.clear()
    async with listening(narrator) as listener, calling(listener) as speaking, calling(listener) as other:
        await speaking.say("hello")
        for client in (speaking, other):
            await client.send("describe")
            assert types(await client.until("info")) == ["info"]
        narrator.may_speak.set()
        assert types(await speaking.until("audio-stop")) == SPOKEN


async def test_plain_requests_are_answered_in_order_on_one_connection() -> None:
    """Each has exactly one cycle of audio, and the connection stays open."""
    async with conversing() as (narrator, client):
        texts = ["one", "two words", "now three words", *["more"] * 2 * MAX_WAITING_REQUESTS]
        for text in texts:
            await client.say(text)
        for text in texts:
            events = await client.until("audio-stop")
            assert types(events) == SPOKEN
            assert sound(events) == WORD * len(text.split())
        await client.send("describe")
        assert types(await client.until("info")) == ["info"]
        assert [utterance.text for utterance in narrator.utterances] == texts


async def test_the_audio_is_24_khz_mono_in_small_chunks() -> None:
    """The format is the same in every event, and long sounds come in pieces."""
    async with conversing() as (_, client):
        await client.say("long")
        start, *chunks, _ = await client.until("audio-stop")
        for event in (start, *chunks):
            assert (event.data["rate"], event.data["width"], event.data["channels"]) == (24_000, 2, 1)
        assert max(len(chunk.payload or b"") for chunk in chunks) == CHUNK_BYTES
        assert sound(chunks) == LONG_WORD


async def test_a_stream_is_spoken_while_its_text_comes() -> None:
    """Sound leaves before the text is complete, in one cycle that ends in `synthesize-stopped`."""
    async with conversing() as (narrator, client):
        await client.stream("hel", "lo ", "wor")
        first = await client.until("audio-chunk")
        assert types(first) == ["audio-start", "audio-chunk"]
        await client.send("synthesize-chunk", text="ld")
        await client.send("synthesize", text="hello world")
        await client.send("synthesize-stop")
        rest = await client.until("synthesize-stopped")
        assert types(first + rest) == [*SPOKEN, "synthesize-stopped"]
        assert sound(first + rest) == WORD * 2
        assert len(narrator.utterances) == 1


async def test_streams_and_plain_requests_may_follow_each_other() -> None:
    """A `synthesize` is ignored only while a stream is open."""
    async with conversing() as (_, client):
        await client.stream("one ", "two")
        await client.send("synthesize-stop")
        await client.say("three")
        await client.stream("four")
        await client.send("synthesize-stop")
        assert sound(await client.until("synthesize-stopped")) == WORD * 2
        assert types(await client.until("audio-stop")) == SPOKEN
        assert types(await client.until("synthesize-stopped")) == [*SPOKEN, "synthesize-stopped"]


async def test_text_without_sound_is_answered_with_silence() -> None:
    """Empty text has its cycle too: Home Assistant fails on nothing and waits for the end."""
    async with conversing() as (_, client):
        await client.say("")
        assert sound(await client.until("audio-stop")) == SILENCE
        await client.stream()
        await client.send("synthesize-stop")
        events = await client.until("synthesize-stopped")
        assert types(events) == [*SPOKEN, "synthesize-stopped"]
        assert sound(events) == SILENCE


async def test_a_stop_without_a_start_is_answered() -> None:
    """Whoever sends `synthesize-stop` waits for `synthesize-stopped`."""
    async with conversing() as (_, client):
        await client.send("synthesize-stop")
        assert types(await client.until("synthesize-stopped")) == ["synthesize-stopped"]


@pytest.mark.parametrize(
    ("data", "code", "text"),
    [
        ({"text": "hi", "voice": {"name": "af_hart"}}, "unknown-voice", "similar: af_heart"),
        ({"text": "<speak>hi</speak>"}, "unsupported-text", "plain text"),
        ({"text": "hi", "text_format": "ssml"}, "unsupported-text", "plain text"),
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
async def test_a_failed_plain_request_ends_in_an_error(data: dict[str, object], code: str, text: str) -> None:
    """The client is told what is wrong, and then the connection closes."""
    async with conversing() as (_, client):
        await client.send("synthesize", **data)
        (error,) = await client.all()
        assert error.type == "error"
        assert error.data["code"] == code
        assert text in error.data["text"]


@pytest.mark.parametrize(
    ("start", "chunk", "code"),
    [
        ({"voice": {"name": "nobody"}}, {"text": "hi"}, "unknown-voice"),
        ({"voice": None}, {"text": "hi"}, "protocol-error"),
        ({"text_format": "ssml"}, {"text": "hi"}, "unsupported-text"),
        ({}, {"text": "<speak>"}, "unsupported-text"),
        ({}, {"text": "x" * 10_001}, "text-too-long"),
        ({}, {}, "protocol-error"),
        ({}, {"text": 1}, "protocol-error"),
        ({}, {"text": "fail "}, "synthesis-failed"),
        ({}, {"text": "explode "}, "internal-error"),
    ],
)
async def test_a_failed_stream_is_read_to_its_end(
    start: dict[str, object], chunk: dict[str, object], code: str
) -> None:
    """The error comes at once, `synthesize-stopped` after `synthesize-stop`, and then the end."""
    async with conversing() as (_, client):
        await client.send("synthesize-start", **start)
        await client.send("synthesize-chunk", **chunk)
        error = (await client.until("error"))[-1]
        assert error.data["code"] == code
        await client.send("synthesize-chunk", text="more ")
        await client.send("synthesize", text="everything")
        await client.send("ping")
        assert types(await client.until("pong")) == ["pong"]
        await client.send("synthesize-stop")
        assert types(await client.all()) == ["synthesize-stopped"]


async def test_a_stream_that_fails_late_breaks_off() -> None:
    """What was fed before a failure is not spoken to its end first."""
    async with conversing() as (narrator, client):
        await client.stream("one ")
        await client.until("audio-chunk")
        await client.send("synthesize-chunk", text="x " * 5_001)
        assert "audio-stop" not in types(await client.until("error"))
        assert narrator.utterances[0].closed.is_set()
        assert len(narrator.utterances[0].words) == 2


async def test_unknown_exceptions_are_logged_once_and_kept_inside(caplog: pytest.LogCaptureFixture) -> None:
    """The log has one traceback; the client learns nothing of it."""
    async with conversing() as (_, client):
        await client.say("explode")
        (error,) = await client.all()
    assert "secret" not in error.data["text"]
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.exc_info


async def test_voice_wishes_are_passed_on() -> None:
    """The narrator gets the name, the language and the speaker."""
    async with conversing() as (narrator, client):
        for voice in ({"name": "af_heart", "speaker": "x"}, {"language": "fr"}, {}):
            await client.send("synthesize", text="hi", voice=voice)
            await client.until("audio-stop")
        await client.say("hi")
        await client.until("audio-stop")
        nothing = (None, None, None)
        assert narrator.wishes == [("af_heart", None, "x"), (None, "fr", None), nothing, nothing]


async def test_ping_and_unknown_events() -> None:
    """`ping` is answered with its text; what we do not know is ignored."""
    async with conversing() as (_, client):
        await client.send("run-satellite", whatever=[1])
        await client.send("ping", text="42")
        (pong,) = await client.until("pong")
        assert pong.data["text"] == "42"
        await client.send("ping")
        (pong,) = await client.until("pong")
        assert pong.data["text"] is None


async def test_select_program() -> None:
    """Our own program may be selected; another one is an error."""
    async with conversing() as (_, client):
        await client.send("select-program", name="kokoro")
        await client.say("hi")
        assert types(await client.until("audio-stop")) == SPOKEN
        await client.send("select-program", name="piper")
        (error,) = await client.all()
        assert "kokoro" in error.data["text"]
