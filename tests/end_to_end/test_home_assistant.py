"""Home Assistant's conversations, byte for byte as its cores of 2025.7 to 2026.11 write them."""

from __future__ import annotations

import json

from tests.helpers.protocol_fakes import SILENCE_PCM, WORD_PCM, Client, event_types, pcm_of, serve_client

SPOKEN = ["audio-start", "audio-chunk", "audio-stop"]


def written(kind: str, data: str = "") -> bytes:
    """Return an event as the library of Home Assistant 2026.11 writes it: its data in a block of its own."""
    block = data.encode()
    length = f', "data_length": {len(block)}' if block else ""
    return f'{{"type": "{kind}", "version": "1.10.2"{length}}}\n'.encode() + block


START = written("synthesize-start", '{"voice": {"name": "af_heart"}}')
STOP = written("synthesize-stop")


def chunk(text: str) -> bytes:
    return written("synthesize-chunk", json.dumps({"text": text}, ensure_ascii=False))


def whole(text: str) -> bytes:
    data = {"text": text, "voice": {"name": "af_heart"}}
    return written("synthesize", json.dumps(data, ensure_ascii=False))


async def hangs_up(client: Client) -> bool:
    return await client.read() is None


async def test_describe_poll_is_answered() -> None:
    """Every 30 s, Home Assistant connects, sends `describe`, reads until `info` and closes."""
    async with serve_client() as (_, client):
        await client.send_raw(b'{"type": "describe", "version": "1.10.2"}\n')
        assert event_types(await client.read_until("info")) == ["info"]


async def test_plain_request_of_2025_7_is_one_audio_cycle() -> None:
    """Without streaming: one `synthesize`, and audio until the first `audio-stop`."""
    async with serve_client() as (service, client):
        await client.send_raw(whole("Turned on the lights"))
        events = await client.read_until("audio-stop")
        assert event_types(events) == SPOKEN
        assert pcm_of(events) == WORD_PCM * 4
        assert service.requested_voices == [("af_heart", None, None)]


async def test_short_answer_is_synthesized_once() -> None:
    """Everything arrives at once, and the repeated text is ignored."""
    text = "Living room temperature is 21.3 °C"
    async with serve_client() as (service, client):
        await client.send_raw(START + chunk(text) + whole(text) + STOP)
        events = await client.read_until("synthesize-stopped")
        assert event_types(events) == [*SPOKEN, "synthesize-stopped"]
        assert pcm_of(events) == WORD_PCM * 6
        assert [utterance.text for utterance in service.utterances] == [text]


async def test_llm_answer_has_audio_before_its_end() -> None:
    """The first chunk has more than 60 characters, then tokens follow."""
    first = "The forecast for today is **mostly sunny** with a high of 21.5 °C"
    tokens = [" and", " light", " winds", ".\n\n-", " Morning", ":", " 14°C", " 🌤️"]
    async with serve_client() as (service, client):
        await client.send_raw(START + chunk(first))
        begun = await client.read_until("audio-chunk")
        for token in tokens:
            await client.send_raw(chunk(token))
        await client.send_raw(whole(first + "".join(tokens)) + STOP)
        events = begun + await client.read_until("synthesize-stopped")
        assert event_types(events) == [*SPOKEN, "synthesize-stopped"]
        assert service.utterances[0].text == first + "".join(tokens)
        assert len(service.utterances) == 1


async def test_empty_answer_has_audio_and_an_end() -> None:
    """ffmpeg fails without audio."""
    async with serve_client() as (_, client):
        await client.send_raw(START + STOP)
        events = await client.read_until("synthesize-stopped")
        assert event_types(events) == [*SPOKEN, "synthesize-stopped"]
        assert pcm_of(events) == SILENCE_PCM


async def test_failed_answer_is_read_until_stop() -> None:
    """Home Assistant before 2026.9 ignores the error, writes on, and waits for the end of the stream."""
    async with serve_client() as (_, client):
        await client.send_raw(START + chunk("one "))
        await client.read_until("audio-chunk")
        await client.send_raw(chunk("fail "))
        error = (await client.read_until("error"))[-1]
        assert error.data["code"] == "synthesis-failed"
        await client.send_raw(chunk("more ") + whole("one fail more") + STOP)
        assert event_types(await client.read_until("synthesize-stopped")) == ["synthesize-stopped"]
        assert await hangs_up(client)


async def test_unknown_voice_is_an_error_before_anything_else() -> None:
    async with serve_client() as (_, client):
        start = written("synthesize-start", '{"voice": {"name": "af_gone"}}')
        await client.send_raw(start + chunk("hi") + whole("hi") + STOP)
        events = await client.read_all()
        assert event_types(events) == ["error", "synthesize-stopped"]
        assert events[0].data["code"] == "unknown-voice"
