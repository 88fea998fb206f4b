"""The page's box speaks as any client is spoken to, and no other page can make it."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from tests.plugins.dashboards import busy_server, dashboard
from wyoming_kokoro import SAMPLE_RATE, UnknownVoice
from wyoming_kokoro.api.metrics import Advice
from wyoming_kokoro.testing import FakeServer


class Mute(FakeServer):
    """Has no voice of any name."""

    async def speak(self, text: str, voice: str | None = None) -> AsyncGenerator[bytes, None]:
        raise UnknownVoice(f"there is no voice {voice!r}")
        yield b""


async def test_samples_come_as_they_are_made() -> None:
    server = busy_server()
    async with dashboard(server) as browser:
        answer = await browser.client.post("/api/say", json={"text": "Hello", "voice": "af_heart"})
    assert answer.status_code == 200
    assert answer.content == bytes(10)
    assert answer.headers["X-Sample-Rate"] == str(SAMPLE_RATE)
    assert server.spoken == [("Hello", "af_heart")]


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        ({"text": ""}, "characters"),
        ({"text": "a" * 1001}, "characters"),
        ({"voice": "af_heart"}, "text"),
        ({"text": 5}, "wish"),
        ({"text": "Hello", "speed": 3}, "speed"),
    ],
)
async def test_a_wrong_wish_is_told_what_is_wrong(wish: dict[str, object], why: str) -> None:
    server = busy_server()
    async with dashboard(server) as browser:
        answer = await browser.client.post("/api/say", json=wish)
    assert answer.status_code == 400
    assert why in answer.text
    assert server.spoken == []


async def test_an_unknown_voice_is_told() -> None:
    async with dashboard(Mute()) as browser:
        answer = await browser.client.post("/api/say", json={"text": "Hello", "voice": "nobody"})
    assert (answer.status_code, answer.text) == (400, "there is no voice 'nobody'\n")


async def test_a_form_of_another_page_is_not_heard() -> None:
    server = busy_server()
    async with dashboard(server) as browser:
        form = await browser.client.post(
            "/api/say", content='{"text": "Hello"}', headers={"Content-Type": "text/plain"}
        )
        page = await browser.client.post("/api/say", json={"text": "Hello"}, headers={"Origin": "http://evil.example"})
    assert (form.status_code, page.status_code) == (415, 403)
    assert server.spoken == []


async def test_advice_is_told() -> None:
    advised = [Advice("memory", "Memory was short 3 times.", "Add some.")]
    async with dashboard(busy_server(advised=advised)) as browser:
        answer = await browser.get("/api/advice")
    assert answer.json() == {
        "advice": [{"topic": "memory", "what": "Memory was short 3 times.", "action": "Add some."}]
    }
