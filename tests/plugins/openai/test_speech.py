"""`/v1/audio/speech` and `/dev/captioned_speech`: formats, options and errors."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from tests.helpers.servers.speech_api import raw_request, running_api, speaking_api
from wyoming_kokoro import Overloaded, SynthesisFailed
from wyoming_kokoro.api.observations import RequestFinished
from wyoming_kokoro.config import Config, ServerConfig
from wyoming_kokoro.testing import FakeServer, FakeSpeechModel
from wyoming_kokoro_openai.encoders import AudioFormat, PcmEncoder

TEXT = "hello there."


def error_of(response: Any) -> dict[str, Any]:
    error: dict[str, Any] = response.json()["error"]
    assert error.keys() == {"message", "type", "param", "code"}
    return error


class FailingServer(FakeServer):
    """Raises `failure` after `count` chunks."""

    failure: Exception = SynthesisFailed("the model gave no audio")
    count = 0

    async def synthesize(self, text: str, voice: str | None = None, **options: Any) -> AsyncGenerator[bytes, None]:
        for _ in range(self.count):
            yield bytes(9600)
        raise self.failure


async def test_pcm_is_the_speech_with_its_pauses() -> None:
    async with speaking_api() as api:
        response = await api.speak(response_format="pcm")
    assert response.headers["Content-Type"] == "audio/pcm"
    # 50 ms for each symbol, and the tail.
    assert len(response.content) == 2 * 24 * (50 * len(TEXT) + 100)


@pytest.mark.parametrize(
    ("options", "milliseconds"),
    [
        ({"speed": 2}, 25 * len(TEXT) + 100),
        ({"speed": 4.0}, 12.5 * len(TEXT) + 100),
        ({"speed": 0.25}, 200 * len(TEXT) + 100),
        ({"speed": None, "instructions": "Speak like a pirate.", "normalization_options": {"x": 1}}, 700),
    ],
)
async def test_speed_changes_the_length(options: dict[str, Any], milliseconds: float) -> None:
    async with speaking_api() as api:
        response = await api.speak(response_format="pcm", **options)
    assert len(response.content) == pytest.approx(2 * 24 * milliseconds, rel=0.001)


async def test_volume_and_rate_change_the_samples() -> None:
    async with speaking_api() as api:
        normal = np.frombuffer((await api.speak(response_format="pcm")).content, np.int16)
        quiet = np.frombuffer((await api.speak(response_format="pcm", volume_multiplier=0.5)).content, np.int16)
        silent = np.frombuffer((await api.speak(response_format="pcm", volume_multiplier=0)).content, np.int16)
        slow = await api.speak(response_format="pcm", sample_rate=16_000)
    assert np.abs(quiet).max() == pytest.approx(np.abs(normal).max() / 2, abs=1)
    assert not silent.any()
    assert len(slow.content) == pytest.approx(len(normal) * 2 * 16 / 24, abs=2)


@pytest.mark.parametrize(
    ("voice", "spoken"),
    [
        ("af_heart", "af_heart"),
        ({"id": "bf_emma"}, "bf_emma"),
        ("alloy", "af_heart"),
        ("af_heart(2)+bf_emma", "af_heart(2)+bf_emma"),
        ("af_heart+bf_emma", "af_heart+bf_emma"),
        (None, None),
        ("", None),
    ],
)
async def test_voice_is_a_name_an_object_or_a_blend(voice: Any, spoken: str | None) -> None:
    async with running_api() as api:
        assert (await api.speak(voice=voice, response_format="pcm")).status_code == 200
        assert api.server.spoken == [("hello there.", spoken)]


async def test_server_learns_the_address_of_the_client() -> None:
    async with running_api() as api:
        await api.speak(response_format="pcm")
        assert api.server.clients == ["127.0.0.1"]


@pytest.mark.parametrize(("code", "language"), [("b", "en-GB"), ("en-gb", "en-gb"), ("z", "zh"), ("", ""), (None, "")])
async def test_language_is_a_letter_of_kokoro_or_a_code(code: str | None, language: str) -> None:
    async with running_api() as api:
        await api.speak(lang_code=code, response_format="pcm")
        (style,) = api.server.styles
    assert style is not None
    assert style.language == language


async def test_events_contain_the_audio_and_end_with_the_usage() -> None:
    async with speaking_api() as api:
        response = await api.speak(response_format="pcm", stream_format="sse")
        whole = await api.speak(response_format="pcm")
    assert response.headers["Content-Type"] == "text/event-stream"
    events = [json.loads(line.removeprefix("data: ")) for line in response.text.split("\n\n") if line]
    deltas = [event for event in events if event["type"] == "speech.audio.delta"]
    assert b"".join(base64.b64decode(event["audio"]) for event in deltas) == whole.content
    assert events[-1]["type"] == "speech.audio.done"
    assert events[-1]["usage"].keys() == {"input_tokens", "output_tokens", "total_tokens"}


@pytest.mark.parametrize("is_streamed", [True, False])
async def test_captioned_speech_has_the_words_and_the_audio(is_streamed: bool) -> None:
    async with speaking_api() as api:
        body = {"input": "hello there. you too.", "response_format": "pcm", "stream": is_streamed}
        response = await api.client.post("/dev/captioned_speech", json=body)
        whole = await api.speak("hello there. you too.", response_format="pcm")
    parts = [json.loads(line) for line in response.text.splitlines()]
    assert is_streamed or len(parts) == 1
    assert b"".join(base64.b64decode(part["audio"]) for part in parts) == whole.content
    assert {part["audio_format"] for part in parts} == {"audio/pcm"}
    words = [word for part in parts for word in part["timestamps"]]
    assert [word["word"] for word in words] == ["hello", "there.", "you", "too."]
    assert words[0] == {"word": "hello", "start_time": 0.0, "end_time": 0.25}
    assert words[-1]["end_time"] <= len(whole.content) / 2 / 24_000


async def test_words_of_mp3_are_late_as_its_sound() -> None:
    async with speaking_api() as api:
        response = await api.client.post("/dev/captioned_speech", json={"input": TEXT, "stream": False})
    assert response.json()["timestamps"][0]["start_time"] == pytest.approx(1105 / 24_000, abs=0.001)


@pytest.mark.parametrize(
    ("body", "status", "param", "reason"),
    [
        ({}, 400, "input", "missing required field"),
        ({"input": " \n"}, 400, "input", "empty"),
        ({"input": 5}, 400, "input", "Expected `str`"),
        ({"input": "hi", "speed": 5}, 400, "speed", "<= 4.0"),
        ({"input": "hi", "speed": "fast"}, 400, "speed", "float"),
        ({"input": "hi", "voice": "nowhere"}, 400, "voice", "unknown voice 'nowhere'; known: af_heart"),
        ({"input": "hi", "voice": ["a"]}, 400, "voice", "array"),
        ({"input": "hi", "response_format": "midi"}, 400, "response_format", "use one of mp3, opus"),
        ({"input": "hi", "stream_format": "tape"}, 400, "stream_format", "audio, sse"),
        ({"input": "hi", "sample_rate": 1}, 400, "sample_rate", "24000"),
        ({"input": "hi", "sample_rate": 22_050, "response_format": "opus"}, 400, "sample_rate", "48000"),
        ({"input": "hi", "lang_code": "tlh"}, 400, "lang_code", "no phonemizer"),
        ({"input": "hi", "model": "gpt-9"}, 404, "model", "use one of kokoro"),
        ({"input": "hi", "model": "tts-1-99"}, 404, "model", "use one of kokoro"),
        ({"input": "a" * 100_001}, 413, "input", "max_text_characters"),
    ],
)
async def test_invalid_request_is_an_error_that_names_the_parameter(
    body: dict[str, Any], status: int, param: str, reason: str
) -> None:
    async with speaking_api() as api:
        response = await api.client.post("/v1/audio/speech", json=body)
    error = error_of(response)
    assert (response.status_code, error["param"]) == (status, param)
    assert reason in error["message"]
    assert error["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"[" * 2000, "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"input": "\\ud800 hi"}', "application/json", 400),
        (b'{"input": "hi"}', "text/plain", 415),
        (b"input=hi", "application/x-www-form-urlencoded", 415),
        (b" " * 2_000_000, "application/json", 413),
    ],
    ids=["cut", "not UTF-8", "deep", "array", "surrogate", "text", "form", "long"],
)
async def test_body_that_is_no_request_is_an_error(content: bytes, content_type: str, status: int) -> None:
    async with speaking_api() as api:
        response = await api.client.post("/v1/audio/speech", content=content, headers={"Content-Type": content_type})
        assert response.status_code == status
        error_of(response)
        assert (await api.speak()).status_code == 200


@pytest.mark.parametrize(
    ("failure", "status"),
    [(SynthesisFailed("no audio"), 502), (Overloaded("busy"), 503), (RuntimeError("secret"), 500)],
)
async def test_failure_before_the_first_byte_is_a_status(failure: Exception, status: int) -> None:
    server = FailingServer()
    server.failure = failure
    async with running_api(server) as api:
        response = await api.speak()
    assert response.status_code == status
    assert "secret" not in error_of(response)["message"]
    assert ("Retry-After" in response.headers) == (status == 503)


@pytest.mark.parametrize("options", [{}, {"stream_format": "sse"}, {"response_format": "pcm"}])
async def test_failure_after_the_first_byte_cuts_the_connection(options: dict[str, Any]) -> None:
    server = FailingServer()
    server.count = 5
    async with running_api(server) as api:
        reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
        body = json.dumps({"input": "hi", **options}).encode()
        writer.write(raw_request(body))
        received = bytearray()
        with suppress(ConnectionResetError):
            while data := await asyncio.wait_for(reader.read(65_536), 20):
                received += data
        writer.close()
    assert received.startswith(b"HTTP/1.1 200 OK")
    # A complete answer ends with an empty chunk.
    assert not received.endswith(b"0\r\n\r\n")


async def test_encoder_is_created_on_a_thread_while_the_model_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The import of its package would stop the event loop."""
    threads = []

    def create(_: int) -> PcmEncoder:
        threads.append(threading.current_thread())
        return PcmEncoder()

    formats = {"mp3": AudioFormat("audio/mpeg", create)}
    for module in ("speech", "speech_request"):
        monkeypatch.setattr(f"wyoming_kokoro_openai.{module}.FORMATS", formats)
    async with running_api() as api:
        assert (await api.speak()).status_code == 200
    assert threading.main_thread() not in threads
    assert threads


async def test_request_has_the_metrics_of_any_other() -> None:
    async with speaking_api() as api:
        await api.speak(response_format="pcm")
        await api.speak(voice="alloy", response_format="mp3")
        finished = [item for item in api.server.observations if isinstance(item, RequestFinished)]
    assert [(item.voice, item.outcome) for item in finished] == [("af_heart", "spoken")] * 2


async def test_model_that_fails_is_an_error() -> None:
    model = FakeSpeechModel()
    model.failure = SynthesisFailed("broken")
    async with speaking_api(model) as api:
        response = await api.speak()
    assert (response.status_code, error_of(response)["code"]) == (502, "synthesis_failed")


@pytest.mark.parametrize("limits", [ServerConfig(max_text_characters=5), ServerConfig(max_audio_seconds=1)])
async def test_limits_of_the_server_apply(limits: ServerConfig) -> None:
    async with speaking_api(config=Config(server=limits)) as api:
        response = await api.speak("Hello there, how are you on this day?")
    assert response.status_code == 413
    assert error_of(response)["code"] == "text_too_long"
