"""Registration of the server with a fake Supervisor."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.helpers.servers.fake_supervisor import TOKEN, FakeSupervisor, supervising
from tests.helpers.waiting import wait_until
from tools.scaling.reserved_port import reserved_port
from wyoming_kokoro import Address, PluginUnavailable
from wyoming_kokoro.testing import FakeServer, plugin_context
from wyoming_kokoro.types import Advertised
from wyoming_kokoro_supervisor import SupervisorPlugin
from wyoming_kokoro_supervisor.discovery import SupervisorUnreachable, send_discovery

ADDRESSES = (Address("0.0.0.0", 10200), Address("::", 10200))


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of an add-on, with proxies that do not exist."""
    monkeypatch.setenv("SUPERVISOR_TOKEN", TOKEN)
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(proxy, "http://127.0.0.1:9")


@asynccontextmanager
async def discovering(supervisor: FakeSupervisor, folder: Path) -> AsyncIterator[None]:
    plugin = SupervisorPlugin(plugin_context("supervisor", folder), supervisor.url, retry_seconds=0.01)
    (service,) = plugin.kokoro_services(FakeServer(ADDRESSES))
    async with service:
        yield


async def wait_for_message(supervisor: FakeSupervisor) -> None:
    await wait_until(supervisor.has_message.is_set)
    # Time for a second request, which would be wrong.
    await asyncio.sleep(0.1)


def test_plugin_is_unavailable_outside_an_add_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUPERVISOR_TOKEN", raising=False)
    with pytest.raises(PluginUnavailable, match="only inside a Home Assistant add-on"):
        SupervisorPlugin(plugin_context("supervisor", tmp_path))


def test_server_without_port_is_not_registered(tmp_path: Path, token: None) -> None:
    assert list(SupervisorPlugin(plugin_context("supervisor", tmp_path)).kokoro_services(FakeServer())) == []


async def test_server_is_registered_once_by_host_name(
    tmp_path: Path, token: None, caplog: pytest.LogCaptureFixture
) -> None:
    """The Supervisor sets the host name of the container. The request uses no proxy."""
    caplog.set_level(logging.INFO)
    with supervising() as supervisor:
        async with discovering(supervisor, tmp_path):
            await wait_for_message(supervisor)
            await wait_until(lambda: caplog.records)
    assert supervisor.messages == {"wyoming": {"uri": f"tcp://{socket.gethostname()}:10200"}}
    assert supervisor.requests == [("POST", "/discovery")]
    assert [(record.levelname, record.name.rpartition(".")[2]) for record in caplog.records] == [("INFO", "supervisor")]
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    ("advertised", "uris"),
    [
        ("none", []),
        (Address("voice.lan", 10200), ["tcp://voice.lan:10200"]),
        (Address("fd00::1", 1), ["tcp://[fd00::1]:1"]),
    ],
)
async def test_advertised_address_is_registered(
    tmp_path: Path, token: None, advertised: Advertised, uris: list[str]
) -> None:
    with supervising() as supervisor:
        plugin = SupervisorPlugin(plugin_context("supervisor", tmp_path), supervisor.url, retry_seconds=0.01)
        for service in plugin.kokoro_services(FakeServer(ADDRESSES, advertised)):
            async with service:
                await wait_for_message(supervisor)
        assert [message["uri"] for message in supervisor.messages.values()] == uris


async def test_registration_is_not_withdrawn_when_the_server_stops(tmp_path: Path, token: None) -> None:
    """Home Assistant would remove the integration that the user has set up."""
    with supervising() as supervisor:
        for _ in range(2):
            async with discovering(supervisor, tmp_path):
                await wait_for_message(supervisor)
            supervisor.has_message.clear()
    assert supervisor.requests == 2 * [("POST", "/discovery")]


async def test_failing_supervisor_is_retried_and_logged_once(
    tmp_path: Path, token: None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with supervising(failures=["500", "reset", "502", "reset", "503"]) as supervisor:
        async with discovering(supervisor, tmp_path):
            await wait_for_message(supervisor)
            await wait_until(lambda: "INFO" in {record.levelname for record in caplog.records})
    assert len(supervisor.requests) == 6
    records = [record for record in caplog.records if "wyoming" in record.name]
    assert [record.levelname for record in records] == ["WARNING", "INFO"]
    assert "500: Internal Server Error" in records[0].getMessage()


async def test_missing_supervisor_does_not_block_the_server(tmp_path: Path, token: None) -> None:
    missing = FakeSupervisor((), ())
    before = asyncio.all_tasks()
    with reserved_port() as port:
        missing.url = f"http://127.0.0.1:{port}/discovery"
        async with discovering(missing, tmp_path):
            await asyncio.sleep(0.2)
    assert asyncio.all_tasks() == before


async def test_hanging_supervisor_does_not_block_the_server(tmp_path: Path, token: None) -> None:
    before = asyncio.all_tasks()
    with supervising(failures=["hang"]) as supervisor:
        async with discovering(supervisor, tmp_path):
            await wait_until(supervisor.has_request.is_set)
    assert asyncio.all_tasks() == before


async def test_request_to_hanging_supervisor_times_out(token: None) -> None:
    with (
        supervising(failures=["hang"]) as supervisor,
        pytest.raises(SupervisorUnreachable, match=r"no answer within 0\.1 s"),
    ):
        await send_discovery("tcp://here:10200", supervisor.url, TOKEN, 0.1)


@pytest.mark.parametrize(
    ("services", "token_of_add_on", "reason"),
    [("mqtt", TOKEN, "403: list services in your config!"), ("wyoming", "another token", "401: Unauthorized")],
)
async def test_rejection_is_not_retried_and_says_what_to_do(  # noqa: PLR0917 three of them are fixtures
    services: str,
    token_of_add_on: str,
    reason: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("SUPERVISOR_TOKEN", token_of_add_on)
    with supervising([services]) as supervisor:
        async with discovering(supervisor, tmp_path):
            await wait_until(lambda: caplog.records)
            # Time for a second request, which would be wrong.
            await asyncio.sleep(0.1)
    assert len(supervisor.requests) == 1
    assert supervisor.messages == {}
    (record,) = (record for record in caplog.records if "wyoming" in record.name)
    assert reason in record.getMessage()
    assert "by hand" in record.getMessage()
    assert token_of_add_on not in caplog.text
