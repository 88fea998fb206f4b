"""Settings of the plugin, start and stop of the HTTP server, and the plugin in a real server."""

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

from tests.helpers.servers.dashboard import dashboard_server, running_dashboard
from tests.helpers.servers.real_server import real_server
from tests.helpers.waiting import wait_until
from wyoming_kokoro import ConfigError
from wyoming_kokoro.config import Config
from wyoming_kokoro.http import service
from wyoming_kokoro.testing import FakeServer, plugin_context
from wyoming_kokoro_dashboard import DashboardPlugin
from wyoming_kokoro_dashboard.snapshot import Snapshot


def test_default_address_is_loopback(tmp_path: Path) -> None:
    (dashboard,) = DashboardPlugin(plugin_context("dashboard", tmp_path)).kokoro_services(FakeServer())
    assert dashboard._settings.host == "127.0.0.1"  # type: ignore[attr-defined]


@pytest.mark.parametrize("table", [{"port": 70_000}, {"port": "http"}, {"allowed_hosts": "voice.lan"}, {"user": "me"}])
def test_invalid_setting_is_an_error(tmp_path: Path, table: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=f"plugins.dashboard.{next(iter(table))}"):
        DashboardPlugin(plugin_context("dashboard", tmp_path, table))


async def test_port_in_use_is_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        async with dashboard_server(FakeServer(), port=port) as dashboard:
            await dashboard._task
            assert not dashboard.is_listening.is_set()
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert re.search(rf"127\.0\.0\.1 port {port} \(already in use\).*\[plugins\.dashboard\]", record.getMessage())


async def test_address_of_another_machine_is_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    async with dashboard_server(FakeServer(), host="203.0.113.1") as dashboard:
        await dashboard._task
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


class LoadingServer(FakeServer):
    """Is ready when `loaded` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded = asyncio.Event()

    async def ready(self) -> None:
        await self.loaded.wait()


async def test_stop_while_waiting_for_the_model_closes_the_port() -> None:
    async with dashboard_server(LoadingServer()) as dashboard:
        await dashboard.is_listening.wait()
    with pytest.raises(OSError, match=r"refused|failed"):
        await asyncio.open_connection("127.0.0.1", dashboard.port)


async def test_client_that_connects_before_the_server_is_ready_waits_for_its_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So no client is refused after the log says that the server is ready to speak."""
    monkeypatch.setattr(service, "MODEL_HEAD_START_SECONDS", 3600)
    server = LoadingServer()
    async with dashboard_server(server) as dashboard:
        await asyncio.wait_for(dashboard.is_listening.wait(), 10)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{dashboard.port}", timeout=60) as client:
            answer = asyncio.create_task(client.get("/healthz"))
            await asyncio.sleep(0)
            server.loaded.set()
            assert (await answer).status_code == 200


async def test_port_is_closed_after_stop() -> None:
    async with running_dashboard() as dashboard:
        await dashboard.get("/")
        port = dashboard.port
    with pytest.raises(OSError, match=r"refused|failed"):
        await asyncio.open_connection("127.0.0.1", port)


@pytest.mark.model
async def test_real_server_reports_its_first_request(config: Config, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    config = replace(config, plugins={**config.plugins, "dashboard": {"port": 0}})
    async with real_server(config) as server:
        async with AsyncTcpClient("127.0.0.1", server.addresses[0].port) as client:
            await client.write_event(Event("synthesize", {"text": "Good evening."}))
            while (event := await asyncio.wait_for(client.read_event(), 120)) and event.type != "audio-stop":
                assert event.type != "error"
        await server.ready()
        listens = re.compile(r"Dashboard listens on (\S+)")
        await wait_until(lambda: listens.search(caplog.text))
        async with httpx.AsyncClient(base_url=listens.findall(caplog.text)[0]) as http:
            response = await http.get("/api/snapshot")
            snapshot = msgspec.json.decode(response.content, type=Snapshot, strict=False)
            assert (await http.get("/readyz")).status_code == 200
    (request,) = snapshot.metrics.recent_requests
    assert (request.voice, request.outcome, request.cached) == ("af_heart", "spoken", False)
    assert request.first_seconds
    assert request.rtf
    assert request.audio_seconds > 0.5
    assert {row.stage for row in snapshot.metrics.inferences} == {"prosody", "decoder", "vocoder"}
    assert snapshot.timeline.keys() >= {"listening", "ready"}
