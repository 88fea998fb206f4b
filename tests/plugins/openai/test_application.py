"""Lists, keys, hosts, origins and malformed requests."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.servers.speech_api import running_api
from wyoming_kokoro import ConfigError
from wyoming_kokoro.testing import FakeServer, plugin_context
from wyoming_kokoro_openai import OpenAiPlugin
from wyoming_kokoro_openai.api_keys import VARIABLE, ApiKeys

MODELS = ["kokoro", "tts-1", "tts-1-hd", "gpt-4o-mini-tts"]


def test_default_address_is_loopback(tmp_path: Path) -> None:
    (service,) = OpenAiPlugin(plugin_context("openai", tmp_path)).kokoro_services(FakeServer())
    assert (service._settings.host, service._settings.port) == ("127.0.0.1", 8880)  # type: ignore[attr-defined]


@pytest.mark.parametrize("table", [{"port": 70_000}, {"cors_origins": "*"}, {"voices": {"a": 1}}, {"key": "x"}])
def test_invalid_setting_is_an_error(tmp_path: Path, table: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=f"plugins.openai.{next(iter(table))}"):
        OpenAiPlugin(plugin_context("openai", tmp_path, table))


async def test_models_are_listed_as_openai_and_as_open_webui_read_them() -> None:
    async with running_api() as api:
        models = (await api.client.get("/v1/models")).json()
        assert [model["id"] for model in models["data"]] == MODELS
        assert (await api.client.get("/v1/models/tts-1")).json() == models["data"][1]
        missing = await api.client.get("/v1/models/gpt-9")
        assert (await api.client.get("/v1/models/gpt-4o-mini-tts-2025-12-15")).status_code == 200
        assert [model["id"] for model in (await api.client.get("/v1/audio/models")).json()["models"]] == MODELS
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "model_not_found")


@pytest.mark.parametrize("path", ["/v1/audio/voices", "/v1/voices", "/v1/audio/speech/voices?model_id=kokoro"])
async def test_voices_are_objects_with_a_language(path: str) -> None:
    async with running_api(voices={"alloy": "af_heart", "lost": "no_voice", "bf_emma": "af_heart"}) as api:
        voices = (await api.client.get(path)).json()["voices"]
        legacy = (await api.client.get("/v1/audio/voices?legacy=true")).json()["voices"]
    assert [voice["id"] for voice in voices] == legacy == ["af_heart", "bf_emma", "alloy"]
    assert {voice["language"] for voice in voices} == {"en-US", "en-GB"}
    assert all(voice["name"] for voice in voices)


async def test_health_is_that_of_the_model() -> None:
    server = FakeServer()
    async with running_api(server, keys=["sekret"]) as api:
        answers = [await api.client.get("/health")]
        server.is_stuck = True
        answers.append(await api.client.get("/health"))
        server.is_stuck, server.is_ready = False, False
        answers.append(await api.client.get("/health"))
    assert [answer.status_code for answer in answers] == [200, 503, 503]
    assert [answer.json()["status"] for answer in answers] == ["healthy", "unhealthy", "unhealthy"]


async def test_voice_is_found_in_any_case() -> None:
    async with running_api() as api:
        for name in ("Alloy", "BF_Emma", "FABLE", "af_heart"):
            await api.speak(voice=name, response_format="pcm")
        assert [voice for _, voice in api.server.spoken] == ["af_heart", "bf_emma", "bm_fable", "af_heart"]


async def test_voice_of_the_server_overrides_a_name_of_openai() -> None:
    async with running_api(voices={"bf_emma": "af_heart", "echo": "bf_emma"}) as api:
        await api.speak(voice="bf_emma", response_format="pcm")
        await api.speak(voice="echo", response_format="pcm")
        assert [voice for _, voice in api.server.spoken] == ["bf_emma", "bf_emma"]


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Bearer sekret", 200),
        ("bearer  other", 200),
        ("Bearer wrong", 401),
        ("sekret", 401),
        ("", 401),
    ],
)
async def test_speech_needs_a_key_and_lists_do_not(header: str, status: int) -> None:
    async with running_api(keys=["sekret", "other"]) as api:
        headers = {"Authorization": header}
        for path in ("/v1/audio/speech", "/dev/captioned_speech"):
            answer = await api.client.post(path, json={"input": "hi", "response_format": "pcm"}, headers=headers)
            assert answer.status_code == status
        assert (await api.client.get("/v1/audio/voices")).status_code == 200
    assert status == 200 or answer.json()["error"]["code"] == "invalid_api_key"


def test_keys_come_from_a_file_and_from_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text("# household\nfirst\n\n second \n")
    file.chmod(0o600)
    context = plugin_context("openai", tmp_path)
    keys = ApiKeys.load(str(file), {VARIABLE: "third fourth"}, context)
    assert all(keys.accept(f"Bearer {key}") for key in ("first", "second", "third", "fourth"))
    assert not keys.accept("Bearer # household")
    assert ApiKeys.load("", {}, context).accept("")


@pytest.mark.parametrize(
    ("content", "mode", "reason"),
    [
        (b"key", 0o644, "chmod 600"),
        (b"# no key\n", 0o600, "has no key"),
        (b"\xff", 0o600, "UTF-8"),
        (None, 0, "No such"),
    ],
)
def test_unsafe_or_useless_key_file_is_an_error(tmp_path: Path, content: bytes | None, mode: int, reason: str) -> None:
    file = tmp_path / "keys"
    if content is not None:
        file.write_bytes(content)
        file.chmod(mode)
    with pytest.raises(ConfigError, match=rf"plugins.openai.api_keys.*{reason}"):
        ApiKeys.load(str(file), {}, plugin_context("openai", tmp_path))


def test_pipe_in_place_of_a_key_file_is_an_error(tmp_path: Path) -> None:
    """It would block the start."""
    os.mkfifo(tmp_path / "keys")
    with pytest.raises(ConfigError, match=r"plugins\.openai\.api_keys.* is a pipe; use a file"):
        ApiKeys.load(str(tmp_path / "keys"), {}, plugin_context("openai", tmp_path))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Host": "voice.lan:8880"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://chat.lan:8000"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "http://chat.lan:8000", "Sec-Fetch-Site": "cross-site"}, 200),
        ({"Origin": "chrome-extension://abc", "Sec-Fetch-Site": "none"}, 200),
    ],
)
async def test_host_and_origin_are_checked(headers: dict[str, str], status: int) -> None:
    origins = ("http://chat.lan:8000", "chrome-extension://abc")
    async with running_api(allowed_hosts=("voice.lan",), cors_origins=origins) as api:
        answer = await api.client.get("/v1/models", headers=headers)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["error"]["code"] == "forbidden"
        advice = "add 'http://evil.example' to cors_origins in [plugins.openai]"
        assert (advice in answer.json()["error"]["message"]) == ("Origin" in headers)
    origin = headers.get("Origin")
    assert answer.headers.get("Access-Control-Allow-Origin") == (origin if origin in origins else None)


async def test_preflight_is_answered_only_to_configured_websites() -> None:
    async with running_api(cors_origins=("http://chat.lan",), keys=["sekret"]) as api:
        headers = {"Access-Control-Request-Method": "POST"}
        answer = await api.client.options("/v1/audio/speech", headers={"Origin": "http://chat.lan", **headers})
        other = await api.client.options("/v1/audio/speech", headers={"Origin": "http://evil.example", **headers})
    assert (answer.status_code, other.status_code) == (204, 403)
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 404), ("GET", "/v1/audio/speech", 405), ("DELETE", "/v1/models", 405), ("POST", "/v1/none", 404)],
)
async def test_unknown_route_is_an_error_in_json(method: str, path: str, status: int) -> None:
    async with running_api() as api:
        answer = await api.client.request(method, path)
    assert answer.status_code == status
    assert path in answer.json()["error"]["message"]
    assert ("POST /v1/audio/speech" in answer.json()["error"]["message"]) == (status == 404)


@pytest.mark.parametrize("data", [b"\x00\xff\r\n\r\n", b"POST /v1/audio/speech HTTP/1.1\r\nContent-Length: -5\r\n\r\n"])
async def test_malformed_request_is_rejected_and_the_server_continues(data: bytes) -> None:
    async with running_api() as api:
        reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
        writer.write(data)
        assert b" 400 " in await asyncio.wait_for(reader.read(4096), 20)
        writer.close()
        assert (await api.speak()).status_code == 200


@pytest.mark.parametrize("path", ["/v1/audio/speech", "/v1/none"])
async def test_damaged_compression_is_not_logged_as_an_error(path: str, caplog: pytest.LogCaptureFixture) -> None:
    """aiohttp reads the rest of the body after the response. Each such request logged a traceback."""
    async with running_api() as api:
        reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
        )
        writer.write(head.encode() + b"Content-Length: 8\r\n\r\njunkjunk")
        assert b" 40" in (await asyncio.wait_for(reader.read(), 20)).split(b"\r\n")[0]
        writer.close()
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_connection_without_a_request_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_api() as api:
        monkeypatch.setattr("wyoming_kokoro.http.connections.HEADER_TIMEOUT_SECONDS", 0.1)
        reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
        writer.write(b"POST /v1/audio/speech HTTP/1.1\r\nX-Slow: ")
        with suppress(ConnectionResetError):
            assert await asyncio.wait_for(reader.read(), 20) == b""
        writer.close()
