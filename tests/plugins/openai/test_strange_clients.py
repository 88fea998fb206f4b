"""Clients that use HTTP and the requests in rare but legal ways, and bodies that break in the middle."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Sequence

import httpx
import pytest

from tests.helpers.servers.speech_api import SpeechApi, running_api, speaking_api
from wyoming_kokoro_openai.encoders import FORMATS

HEAD = "Host: localhost\r\nContent-Type: application/json\r\n"
BODY = b'{"input": "hi", "response_format": "pcm"}'


async def exchange(api: SpeechApi, parts: Sequence[bytes]) -> bytes:
    """Return all that the server answers to `parts`, which leave one after the other."""
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    for part in parts:
        writer.write(part)
        await writer.drain()
        # The parser gets the parts one at a time.
        await asyncio.sleep(0.05)
    try:
        return await asyncio.wait_for(reader.read(), 30)
    finally:
        writer.close()


async def test_http_1_0_gets_the_audio_up_to_the_end_of_the_connection() -> None:
    async with speaking_api() as api:
        whole = (await api.speak("hi", response_format="pcm")).content
        request = f"POST /v1/audio/speech HTTP/1.0\r\n{HEAD}Content-Length: {len(BODY)}\r\n\r\n".encode() + BODY
        head, _, content = (await exchange(api, [request])).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.0 200")
    assert b"Transfer-Encoding" not in head
    assert content == whole


async def test_client_that_expects_100_continue_gets_it_before_its_body() -> None:
    async with running_api() as api:
        reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
        head = f"POST /v1/audio/speech HTTP/1.1\r\n{HEAD}Expect: 100-continue\r\nContent-Length: {len(BODY)}\r\n\r\n"
        writer.write(head.encode())
        assert await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20) == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(BODY)
        assert (await asyncio.wait_for(reader.readline(), 20)).startswith(b"HTTP/1.1 200")
        writer.close()


async def test_body_may_be_chunked_or_compressed() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for at in range(len(BODY)):
            yield BODY[at : at + 1]

    headers = {"Content-Type": "application/json"}
    async with running_api() as api:
        answers = [
            await api.client.post("/v1/audio/speech", content=chunks(), headers=headers),
            await api.client.post(
                "/v1/audio/speech", content=gzip.compress(BODY), headers={**headers, "Content-Encoding": "gzip"}
            ),
        ]
        assert [answer.status_code for answer in answers] == [200, 200]
        assert [text for text, _ in api.server.spoken] == ["hi", "hi"]


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ("Content-Encoding: gzip\r\nContent-Length: 20", b"this is no gzip data"),
        ("Content-Encoding: gzip\r\nTransfer-Encoding: chunked", b"14\r\nthis is no gzip data\r\n0\r\n\r\n"),
    ],
    ids=["gzip", "chunked gzip"],
)
async def test_body_that_breaks_in_the_middle_is_an_error_of_the_client(headers: str, body: bytes) -> None:
    async with running_api() as api:
        head = f"POST /v1/audio/speech HTTP/1.1\r\n{HEAD}Connection: close\r\n{headers}\r\n\r\n".encode()
        answer = await exchange(api, [head, body])
        assert answer.startswith(b"HTTP/1.1 400")
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["type"] == "invalid_request_error"
        assert (await api.speak()).status_code == 200


async def test_client_that_leaves_in_its_body_is_no_error_of_the_server(caplog: pytest.LogCaptureFixture) -> None:
    async with running_api() as api:
        head = f"POST /v1/audio/speech HTTP/1.1\r\n{HEAD}Expect: 100-continue\r\nContent-Length: 99\r\n\r\n"
        reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
        writer.write(head.encode())
        # The handler waits for the body.
        await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)
        writer.transport.abort()
        for _ in range(3):
            assert (await api.speak()).status_code == 200
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_compressed_body_is_limited_by_its_real_size() -> None:
    bomb = gzip.compress(bytes(20_000_000), 1)
    async with running_api() as api:
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        answer = await api.client.post("/v1/audio/speech", content=bomb, headers=headers)
        assert (answer.status_code, answer.json()["error"]["type"]) == (413, "invalid_request_error")


@pytest.mark.parametrize(
    ("method", "path", "status", "allowed"),
    [
        ("HEAD", "/v1/models", 200, None),
        ("HEAD", "/health", 200, None),
        ("HEAD", "/v1/audio/speech", 405, "POST"),
        ("OPTIONS", "/v1/audio/speech", 405, "POST"),
        ("OPTIONS", "/v1/models", 405, "GET,HEAD"),
    ],
)
async def test_other_methods_name_the_allowed_ones(method: str, path: str, status: int, allowed: str | None) -> None:
    async with running_api() as api:
        answer = await api.client.request(method, path)
        assert (answer.status_code, answer.headers.get("Allow")) == (status, allowed)
        assert method != "HEAD" or not answer.content


async def test_connection_serves_further_requests_after_errors() -> None:
    bodies: tuple[dict[str, str], ...] = ({"input": "hi"}, {}, {"input": "hi", "voice": "nowhere"}, {"input": "hi"})
    limits = httpx.Limits(max_connections=1)
    async with speaking_api() as api, httpx.AsyncClient(base_url=api.url, limits=limits) as client:
        answers = [await client.post("/v1/audio/speech", json=body) for body in bodies]
    assert [answer.status_code for answer in answers] == [200, 400, 400, 200]


async def test_server_speaks_after_a_client_left_in_the_middle_of_the_audio() -> None:
    async with speaking_api() as api:
        for _ in range(3):
            async with api.client.stream("POST", "/v1/audio/speech", json={"input": "hello there. " * 200}) as answer:
                await anext(answer.aiter_bytes())
        assert (await api.speak()).status_code == 200


@pytest.mark.parametrize("form", FORMATS)
async def test_tiny_and_silent_texts_are_valid_audio(form: str) -> None:
    async with speaking_api() as api:
        for text in ("🙂", "🍞🍞🍞", "a", "…", "\u200b.", "\u0301"):
            answer = await api.speak(text, response_format=form)
            assert answer.status_code == 200
            assert answer.content


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        (b'"speed": "1.5"', 200, None),
        (b'"speed": "1,5"', 400, "speed"),
        (b'"speed": "nan"', 400, "speed"),
        (b'"speed": "5"', 400, "speed"),
        (b'"speed": 1e999', 400, "speed"),
        (b'"speed": NaN', 400, None),
        (b'"speed": true', 400, "speed"),
        (b'"sample_rate": "16000"', 200, None),
        (b'"volume_multiplier": "inf"', 400, "volume_multiplier"),
        (b'"stream": "false"', 200, None),
        (b'"voice": "af_heart(0)+bf_emma(0)"', 400, "voice"),
        (b'"voice": "af_heart(0)+bf_emma"', 400, "voice"),
        (b'"voice": "af_heart(-1)+bf_emma"', 400, "voice"),
        (b'"voice": 5', 400, "voice"),
        (b'"input": 5', 400, "input"),
    ],
)
async def test_odd_values_are_understood_or_named(body: bytes, status: int, param: str | None) -> None:
    async with speaking_api() as api:
        content = b'{"input": "hello there.", "response_format": "pcm", ' + body + b"}"
        answer = await api.client.post(
            "/v1/audio/speech", content=content, headers={"Content-Type": "application/json"}
        )
    assert answer.status_code == status
    assert status == 200 or answer.json()["error"]["param"] == param


async def test_numbers_in_strings_are_numbers() -> None:
    async with speaking_api() as api:
        expected = await api.speak(response_format="pcm", speed=2, sample_rate=16_000)
        answer = await api.speak(response_format="pcm", speed="2", sample_rate="16000")
    assert answer.content == expected.content
