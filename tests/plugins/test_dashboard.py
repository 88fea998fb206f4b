"""The dashboard's HTTP server: who may ask, what every answer bears, and what happens when things go wrong."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from wyoming.client import AsyncTcpClient
from wyoming.event import Event

from tests.plugins.dashboards import PATHS, SECRET, STAGES, busy_server, dashboard, service
from wyoming_kokoro import ConfigError
from wyoming_kokoro.config import Config
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.server.lifecycle import running
from wyoming_kokoro.server.startup_timeline import StartupTimeline
from wyoming_kokoro.testing import FakeServer, plugin_context
from wyoming_kokoro_dashboard import Dashboard
from wyoming_kokoro_dashboard.application import MOST_CONNECTIONS
from wyoming_kokoro_dashboard.guard import HEADERS
from wyoming_kokoro_dashboard.now import Now

# Settings


def test_it_listens_on_the_loopback_interface_unless_told_otherwise(tmp_path: Path) -> None:
    (serving,) = Dashboard(plugin_context("dashboard", tmp_path)).kokoro_services(FakeServer())
    assert serving._site.settings.host == "127.0.0.1"  # type: ignore[attr-defined]


@pytest.mark.parametrize("table", [{"port": 70_000}, {"port": "http"}, {"hosts": "voice.lan"}, {"user": "me"}])
def test_a_wrong_setting_is_refused(tmp_path: Path, table: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=f"plugins.dashboard.{next(iter(table))}"):
        Dashboard(plugin_context("dashboard", tmp_path, table))


# Answers


async def test_everything_is_answered() -> None:
    async with dashboard() as browser:
        for path in PATHS:
            answer = await browser.get(path)
            assert (answer.status_code, bool(answer.content)) == (200, True)
            assert SECRET not in answer.text


async def test_every_answer_bears_the_headers_of_safety() -> None:
    """Errors, too; and nothing that tells a client from another, or the versions of what runs."""
    async with dashboard() as browser:
        answers = [await browser.get(path) for path in (*PATHS, "/nowhere", "/../etc/passwd", "/api/now?after=x")]
        answers.append(await browser.get("/", {"Host": "evil.example"}))
        answers.append(await browser.client.post("/"))
    assert [answer.status_code for answer in answers[len(PATHS) :]] == [404, 404, 400, 403, 405]
    for answer in answers:
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert "set-cookie" not in answer.headers
        assert answer.headers["server"] == "wyoming-kokoro"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
async def test_nothing_can_be_changed(method: str) -> None:
    async with dashboard() as browser:
        for path in PATHS:
            assert (await browser.client.request(method, path)).status_code == 405


async def test_everything_is_told_as_json() -> None:
    """It is what the dataclasses say, to the last field."""
    server = busy_server()
    async with dashboard(server) as browser:
        now = msgspec.json.decode((await browser.get("/api/now")).content, type=Now, strict=False)
    assert now.figures == server.metrics
    assert now.stages == STAGES
    assert (now.speaking, now.waiting, now.ready) == (1, 2, True)
    assert now.cache == server.phrase_cache_stats
    assert now.timeline == server.timeline
    assert now.memory_bytes > 10_000_000


async def test_requests_that_were_told_already_are_left_out() -> None:
    server = busy_server()
    async with dashboard(server) as browser:
        last = server.metrics.recent[-1].at
        for after, count in ((0, 3), (last, 0), (last + 1, 0)):
            answer = await browser.get(f"/api/now?after={after!r}")
            assert len(answer.json()["figures"]["recent"]) == count


@pytest.mark.parametrize("after", ["", "x", "nan", "inf", "1e999", "[]"])
async def test_a_time_that_is_none_is_refused(after: str) -> None:
    async with dashboard() as browser:
        answer = await browser.get(f"/api/now?after={after}")
        assert (answer.status_code, "Unix time" in answer.text) == (400, True)


async def test_the_cache_is_not_asked_by_everybody() -> None:
    """Its account of itself looks at the disk."""
    server = busy_server()
    asked = 0

    class Counting(FakeServer):
        async def cache_stats(self) -> Any:
            nonlocal asked
            asked += 1
            return server.phrase_cache_stats

    async with dashboard(Counting()) as browser:
        for _ in range(5):
            await browser.get("/metrics")
            await browser.get("/api/now")
    assert asked == 1


# Health


async def test_it_is_not_ready_before_the_model_is_open() -> None:
    server = busy_server(is_ready=False, timeline={"listening": 0.4})
    async with dashboard(server) as browser:
        answer = await browser.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["ready"] is False
        assert "the model is being opened" in answer.json()["why"]
        assert answer.json()["timeline"] == {"listening": 0.4}
        assert (await browser.get("/healthz")).status_code == 200
        server.is_ready = True
        assert (await browser.get("/readyz")).json() == {"ready": True, "why": "", "timeline": {"listening": 0.4}}


async def test_it_is_not_healthy_when_the_model_hangs() -> None:
    server = busy_server(unit_seconds=59.0)
    async with dashboard(server) as browser:
        answer = await browser.get("/healthz")
        assert (answer.status_code, answer.json()["healthy"]) == (503, False)
        assert "59 s" in answer.json()["why"]
        server.running_unit_seconds = 0.2
        assert (await browser.get("/healthz")).json() == {"healthy": True, "why": ""}


# Who may ask


async def test_a_taken_port_is_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with service(FakeServer(), port=port) as serving:
            assert serving._opening
            await serving._opening
            assert not serving.is_open.is_set()
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert re.search(rf"127\.0\.0\.1 port {port}: it is in use; \[plugins\.dashboard\]", record.getMessage())


async def test_an_address_that_is_not_ours_is_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    async with service(FakeServer(), host="203.0.113.1") as serving:
        assert serving._opening
        await serving._opening
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


async def test_it_ends_while_it_waits_for_the_model() -> None:
    async with service(FakeServer(is_ready=False)) as serving:
        await asyncio.sleep(0.05)
    assert not serving.is_open.is_set()


async def test_nobody_answers_afterwards() -> None:
    async with dashboard() as browser:
        await browser.get("/")
        port = browser.port
    with pytest.raises(OSError, match=r"refused|failed"):
        await asyncio.open_connection("127.0.0.1", port)


async def test_connections_are_bounded() -> None:
    """One more is hung up on; when one ends there is room again."""
    async with dashboard() as browser:
        opened = [await asyncio.open_connection("127.0.0.1", browser.port) for _ in range(MOST_CONNECTIONS)]
        await asyncio.sleep(0.1)
        reader, writer = await asyncio.open_connection("127.0.0.1", browser.port)
        assert await asyncio.wait_for(reader.read(), 20) == b""
        for _, other in (*opened, (reader, writer)):
            other.close()
            await other.wait_closed()
        await asyncio.sleep(0.1)
        assert (await browser.get("/healthz")).status_code == 200


@pytest.mark.parametrize(
    "sent", [b"\x00\xff\x00\xff\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 100_000 + b"\r\n\r\n", b"GET\r\n\r\n"]
)
async def test_what_is_no_http_harms_nobody(sent: bytes) -> None:
    async with dashboard() as browser:
        reader, writer = await asyncio.open_connection("127.0.0.1", browser.port)
        writer.write(sent)
        answer = await asyncio.wait_for(reader.read(200), 20)
        assert answer.startswith(b"HTTP/1.") or not answer
        assert b" 200 " not in answer.partition(b"\n")[0]
        writer.close()
        assert (await browser.get("/healthz")).status_code == 200


# All together


async def told(caplog: pytest.LogCaptureFixture, pattern: str) -> str:
    """Wait until the log says `pattern`, and return its group."""
    while not (found := re.search(pattern, "\n".join(caplog.messages))):  # noqa: ASYNC110 the log tells nobody
        await asyncio.sleep(0.05)
    return found[1]


@pytest.mark.model
async def test_the_real_server_tells_what_it_did(config: Config, caplog: pytest.LogCaptureFixture) -> None:
    """From a client's request to the figures, by way of the plugin that is installed."""
    caplog.set_level(logging.INFO)
    config = replace(config, plugins={**config.plugins, "dashboard": {"port": 0}})
    plugins = await asyncio.to_thread(PluginManager.load, config)
    async with running(config, plugins, await asyncio.to_thread(StartupTimeline)) as server:
        await asyncio.shield(server.backend.opening)
        async with AsyncTcpClient("127.0.0.1", server.addresses[0].port) as client:
            await client.write_event(Event("synthesize", {"text": "Good evening."}))
            while (event := await asyncio.wait_for(client.read_event(), 120)) and event.type != "audio-stop":
                assert event.type != "error"
        address = await told(caplog, r"dashboard is at (\S+)")
        async with httpx.AsyncClient(base_url=address) as browser:
            now = msgspec.json.decode((await browser.get("/api/now")).content, type=Now, strict=False)
            assert (await browser.get("/readyz")).status_code == 200
    (request,) = now.figures.recent
    assert (request.voice, request.outcome, request.cached) == ("af_heart", "spoken", False)
    assert request.first_seconds
    assert request.rtf
    assert request.audio_seconds > 0.5
    assert {row.stage for row in now.figures.runs} == {"prosody", "decoder", "vocoder"}
    assert now.timeline.keys() >= {"listening", "ready"}
