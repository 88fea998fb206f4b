"""Speech in the browser, and which requests for it are rejected."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from tests.helpers.servers.dashboard import busy_server, running_dashboard
from wyoming_kokoro import SAMPLE_RATE, UnknownVoice
from wyoming_kokoro.testing import FakeServer


class VoicelessServer(FakeServer):
    """Knows no voice."""

    async def synthesize(self, text: str, voice: str | None = None, **options: object) -> AsyncGenerator[bytes, None]:
        raise UnknownVoice(f"unknown voice: {voice!r}")
        yield b""


async def test_samples_are_streamed() -> None:
    server = busy_server()
    async with running_dashboard(server) as dashboard:
        response = await dashboard.client.post("/api/say", json={"text": "Hello", "voice": "af_heart"})
    assert response.status_code == 200
    assert response.content == bytes(10)
    assert response.headers["X-Sample-Rate"] == str(SAMPLE_RATE)
    assert server.spoken == [("Hello", "af_heart")]
    assert server.clients == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"text": ""}, "characters"),
        ({"text": "a" * 1001}, "characters"),
        ({"voice": "af_heart"}, "text"),
        ({"text": 5}, "invalid request body"),
        ({"text": "Hello", "speed": 3}, "speed"),
    ],
)
async def test_invalid_body_is_rejected_with_a_reason(body: dict[str, object], reason: str) -> None:
    server = busy_server()
    async with running_dashboard(server) as dashboard:
        response = await dashboard.client.post("/api/say", json=body)
    assert response.status_code == 400
    assert reason in response.text
    assert server.spoken == []


async def test_unknown_voice_is_an_error() -> None:
    async with running_dashboard(VoicelessServer()) as dashboard:
        response = await dashboard.client.post("/api/say", json={"text": "Hello", "voice": "missing"})
    assert (response.status_code, response.text) == (400, "unknown voice: 'missing'\n")


async def test_form_of_another_website_is_rejected() -> None:
    server = busy_server()
    async with running_dashboard(server) as dashboard:
        form = await dashboard.client.post(
            "/api/say", content='{"text": "Hello"}', headers={"Content-Type": "text/plain"}
        )
        page = await dashboard.client.post(
            "/api/say", json={"text": "Hello"}, headers={"Origin": "http://evil.example"}
        )
    assert (form.status_code, page.status_code) == (415, 403)
    assert server.spoken == []
