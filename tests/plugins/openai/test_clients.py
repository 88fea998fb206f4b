"""The requests of real clients: the package openai, Open WebUI and openai_tts."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from typing import Any

import aiohttp
import openai
import pytest

from tests.helpers.encoded_audio import decoded_seconds
from tests.helpers.servers.speech_api import running_api, speaking_api
from wyoming_kokoro_openai.encoders import FORMATS

TEXT = "hello there. this is a somewhat longer sentence, and it is spoken by a fake model."


def seconds_of(name: str, data: bytes) -> float:
    return len(data) / 2 / 24_000 if name == "pcm" else decoded_seconds(data)


@pytest.mark.parametrize("name", FORMATS)
async def test_openai_package_gets_every_format(name: Any) -> None:
    async with speaking_api() as api, openai.AsyncOpenAI(base_url=f"{api.url}/v1", api_key="none") as client:
        expected = len((await api.speak(TEXT, response_format="pcm")).content) / 2 / 24_000
        whole = await client.audio.speech.create(model="tts-1", voice="alloy", input=TEXT, response_format=name)
        streamed = bytearray()
        async with client.audio.speech.with_streaming_response.create(
            model="gpt-4o-mini-tts", voice="alloy", input=TEXT, response_format=name, instructions="Be kind.", speed=1.0
        ) as response:
            async for data in response.iter_bytes():
                streamed += data
        models = [model.id async for model in client.models.list()]
    assert seconds_of(name, whole.content) == pytest.approx(expected, rel=0.01)
    assert seconds_of(name, bytes(streamed)) == pytest.approx(expected, rel=0.01)
    assert "tts-1" in models


async def test_openai_package_raises_its_own_errors() -> None:
    async with (
        speaking_api(keys=["sekret"]) as api,
        openai.AsyncOpenAI(base_url=f"{api.url}/v1", api_key="sekret", max_retries=0) as client,
        openai.AsyncOpenAI(base_url=f"{api.url}/v1", api_key="wrong", max_retries=0) as stranger,
    ):
        with pytest.raises(openai.BadRequestError, match="unknown voice") as unknown:
            await client.audio.speech.create(model="tts-1", voice="nowhere", input="hi")
        with pytest.raises(openai.NotFoundError, match="unknown model"):
            await client.models.retrieve("gpt-9")
        with pytest.raises(openai.AuthenticationError, match="Bearer KEY"):
            await stranger.audio.speech.create(model="tts-1", voice="alloy", input="hi")
    assert (unknown.value.param, unknown.value.code) == ("voice", "unknown_voice")


async def test_twenty_requests_at_once_are_all_spoken() -> None:
    async with speaking_api() as api, openai.AsyncOpenAI(base_url=f"{api.url}/v1", api_key="none") as client:
        answers = await asyncio.gather(
            *(client.audio.speech.create(model="kokoro", voice="alloy", input=f"number {n}.") for n in range(20))
        )
    lengths = [decoded_seconds(answer.content) for answer in answers]
    assert min(lengths) > 0.5


async def test_open_webui_lists_models_and_voices_and_speaks() -> None:
    """It sends its lists without a key, reads `id` and `name`, and saves the answer to a file."""
    async with speaking_api(keys=["sekret"]) as api, aiohttp.ClientSession() as session:
        base = f"{api.url}/v1"
        async with session.get(f"{base}/audio/models") as answer:
            assert answer.status == 200
            assert {"id": "tts-1", "name": "tts-1"} in (await answer.json())["models"]
        async with session.get(f"{base}/audio/voices") as answer:
            voices = {voice["id"]: voice["name"] for voice in (await answer.json())["voices"]}
        assert {"af_heart", "alloy"} <= voices.keys()
        payload = {"input": TEXT, "model": "tts-1", "voice": "alloy"}
        headers = {
            "Content-Type": "application/json",
            "Authorization": "Bearer sekret",
            "X-OpenWebUI-User-Name": "me",
            "X-OpenWebUI-User-Role": "admin",
        }
        async with session.post(f"{base}/audio/speech", json=payload, headers=headers) as answer:
            answer.raise_for_status()
            assert decoded_seconds(await answer.read()) > 1
        async with session.post(f"{base}/audio/speech", json={**payload, "voice": "x"}, headers=headers) as answer:
            assert "unknown voice" in (await answer.json())["error"]["message"]


async def test_openai_tts_gets_mp3_by_urllib() -> None:
    """Without streaming, it asks for MP3 and merges the extra payload of its form."""

    def request(url: str) -> bytes:
        payload = {"model": "tts-1", "input": TEXT, "voice": "shimmer", "response_format": "mp3", "speed": 1.0}
        payload |= {"instructions": "Be kind.", "chunk_method": "none", "volume_multiplier": 1.0}
        headers = {"Content-Type": "application/json", "User-Agent": "HomeAssistant-OpenAI-TTS"}
        body = json.dumps(payload).encode()
        with urllib.request.urlopen(urllib.request.Request(url, body, headers, method="POST"), timeout=30) as answer:
            data: bytes = answer.read()
            return data

    async with speaking_api(voices={"shimmer": "bf_emma"}) as api:
        data = await asyncio.to_thread(request, f"{api.url}/v1/audio/speech")
    assert decoded_seconds(data) > 1


async def test_openai_tts_streams_opus() -> None:
    """It reads pieces of 4096 bytes, and yields nothing before it has 1024."""
    async with speaking_api() as api, aiohttp.ClientSession() as session:
        payload = {"model": "tts-1", "input": TEXT, "voice": "alloy", "response_format": "opus", "speed": 1.0}
        timeout = aiohttp.ClientTimeout(total=60)
        async with session.post(f"{api.url}/v1/audio/speech", json=payload, timeout=timeout) as answer:
            answer.raise_for_status()
            assert answer.headers["Content-Type"] == "audio/ogg"
            pieces = [piece async for piece in answer.content.iter_chunked(4096)]
    assert decoded_seconds(b"".join(pieces)) > 1


async def test_open_webui_plays_the_pieces_of_an_answer_one_after_the_other() -> None:
    """Its page cuts the answer at punctuation, requests each piece, and merges the operator's parameters."""
    async with speaking_api() as api, aiohttp.ClientSession() as session:
        lengths = []
        for piece in ("Sure!", "Here is **a list**:", "1. Milk, and eggs.", "…", "2. Bread 🍞"):
            payload = {
                "input": piece,
                "voice": "af_heart",
                "model": "tts-1",
                "speed": 1.5,
                "volume": 1,
                "lang_code": None,
            }
            async with session.post(f"{api.url}/v1/audio/speech", json=payload) as answer:
                answer.raise_for_status()
                lengths.append(decoded_seconds(await answer.read()))
    assert min(lengths) > 0


async def test_wyoming_openai_finds_the_voices() -> None:
    """It asks which server it talks to, and lists voices only of those that it knows."""
    async with running_api() as api:
        assert (await api.client.get("/v1/readyz")).status_code == 404
        assert (await api.client.get("/health")).text != "OK"
        assert (await api.client.get("/v1/test")).json() == {"status": "ok"}
        assert (await api.client.get("/v1/audio/voices")).json()["voices"][0]["id"] == "af_heart"


async def test_librechat_joins_the_answers_to_the_parts_of_a_long_text() -> None:
    """It sends neither a format nor a speed, and pipes one MP3 after the other into one response."""
    async with speaking_api() as api:
        headers = {"Authorization": "Bearer none"}
        body = {"model": "tts-1", "voice": "alloy", "backend": "kokoro"}
        parts = [
            await api.client.post("/v1/audio/speech", json={"input": text, **body}, headers=headers)
            for text in (TEXT, "and the rest.")
        ]
        without = await api.client.post("/v1/audio/speech", json={"input": "hi"})
    assert without.status_code == 200
    joined = decoded_seconds(b"".join(part.content for part in parts))
    assert joined == pytest.approx(sum(decoded_seconds(part.content) for part in parts), abs=0.03)


async def test_sillytavern_and_pipecat_get_mp3_and_pcm() -> None:
    """SillyTavern sends a dated model, and an empty key if it has none."""
    async with running_api() as api:
        mp3 = await api.client.post(
            "/v1/audio/speech",
            json={"input": "hi", "response_format": "mp3", "voice": "nova", "speed": 0.25, "model": "tts-1-hd-1106"},
            headers={"Authorization": "Bearer"},
        )
        body = {"input": "hi", "model": "gpt-4o-mini-tts", "voice": "sage", "response_format": "pcm"}
        pcm = await api.client.post("/v1/audio/speech", json=body)
    assert (mp3.headers["Content-Type"], pcm.headers["Content-Type"]) == ("audio/mpeg", "audio/pcm")
