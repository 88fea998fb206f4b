"""Teaching words through the HTTP API, and which requests for it are rejected."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.helpers.servers.dashboard import busy_server, running_dashboard
from wyoming_kokoro import LexiconEntry
from wyoming_kokoro.testing import FakeServer, plugin_context
from wyoming_kokoro_dashboard.application import SECURITY_HEADERS
from wyoming_kokoro_lexicon import LexiconPlugin


@pytest.fixture
async def server(tmp_path: Path) -> FakeServer:
    """A server with the real lexicon, which has one configured word. Its voices are English."""
    context = plugin_context("lexicon", tmp_path, {"en": {"NAS": "nass"}})
    plugin = await asyncio.to_thread(LexiconPlugin, context)
    return busy_server(lexicon=plugin.kokoro_lexicon())


def taught_words(server: FakeServer) -> list[tuple[str, str, str]]:
    assert server.lexicon
    return [(entry.word, entry.sound, entry.language) for entry in server.lexicon.entries() if not entry.origin]


async def test_word_is_taught_listed_changed_and_removed(server: FakeServer) -> None:
    async with running_dashboard(server) as dashboard:
        for sound in ("hoss", "/hˈɔs/"):
            response = await dashboard.client.post("/api/words", json={"word": " Hass ", "sound": sound})
            assert (response.status_code, response.json()["sound"]) == (200, sound)
        answer = (await dashboard.get("/api/words")).json()
        assert (answer["default_language"], answer["languages"]) == ("en", ["en"])
        assert [(word["word"], word["origin"]) for word in answer["words"]] == [("NAS", "config.toml"), ("Hass", "")]
        assert taught_words(server) == [("Hass", "/hˈɔs/", "en")]
        removal = {"word": "Hass", "language": "en"}
        responses = [await dashboard.client.request("DELETE", "/api/words", json=removal) for _ in range(2)]
    assert [response.status_code for response in responses] == [204, 400]
    assert "'Hass' is not a taught word" in responses[1].text
    assert taught_words(server) == []


async def test_word_is_heard_before_it_is_taught(server: FakeServer) -> None:
    assert server.lexicon
    word = {"word": "Hass", "sound": "Hass io"}
    async with running_dashboard(server) as dashboard:
        response = await dashboard.client.post("/api/say", json={"text": "Hass is here.", "word": word})
    assert response.status_code == 200
    assert server.spoken == [(server.lexicon.preview("Hass is here.", LexiconEntry("Hass", "Hass io", "en")), None)]
    assert taught_words(server) == []


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ({"word": "Hass"}, "missing required field `sound`"),
        ({"word": "Hass", "sound": 5}, "invalid request body"),
        ({"word": "Hass", "sound": "x", "speed": 2}, "speed"),
        ({"word": "", "sound": "x"}, "word must have 1 to 60 characters"),
        ({"word": "Hass", "sound": "/ǂ/"}, "unknown IPA symbol 'ǂ'"),
        ({"word": "Hass", "sound": "x", "language": "de"}, "unknown language: 'de'"),
        ({"word": "NAS", "sound": "x"}, "'NAS' is set in config.toml"),
    ],
)
async def test_unusable_word_is_rejected_with_a_reason(
    server: FakeServer, word: dict[str, object], reason: str
) -> None:
    async with running_dashboard(server) as dashboard:
        responses = [
            await dashboard.client.post("/api/words", json=word),
            await dashboard.client.post("/api/say", json={"text": "Hass and NAS", "word": word}),
        ]
    for response in responses:
        assert (response.status_code, reason in response.text) == (400, True), response.text
    assert (taught_words(server), server.spoken) == ([], [])


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Host": "evil.example"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
    ],
)
async def test_request_of_another_website_is_rejected(
    server: FakeServer, method: str, headers: dict[str, str], status: int
) -> None:
    assert server.lexicon
    await asyncio.to_thread(server.lexicon.teach, LexiconEntry("Hass", "hoss", "en"))
    body = {"word": "Hass", "sound": "x"} if method == "POST" else {"word": "Hass", "language": "en"}
    async with running_dashboard(server) as dashboard:
        response = await dashboard.client.request(method, "/api/words", json=body, headers=headers)
    assert response.status_code == status
    assert {name: response.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert taught_words(server) == [("Hass", "hoss", "en")]


async def test_without_lexicon_there_are_no_words_and_teaching_is_an_error() -> None:
    word = {"word": "Hass", "sound": "hoss"}
    async with running_dashboard(busy_server()) as dashboard:
        answer = (await dashboard.get("/api/words")).json()
        assert (answer["languages"], answer["words"]) == ([], [])
        responses = [
            await dashboard.client.post("/api/words", json=word),
            await dashboard.client.request("DELETE", "/api/words", json={"word": "Hass", "language": "en"}),
            await dashboard.client.post("/api/say", json={"text": "Hass", "word": word}),
        ]
    for response in responses:
        assert (response.status_code, response.text) == (400, "there is no lexicon; enable the plugin lexicon\n")
