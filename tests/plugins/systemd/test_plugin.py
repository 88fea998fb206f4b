"""What systemd receives on a real notification socket."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from tests.helpers.waiting import wait_until
from wyoming_kokoro import Address, PluginUnavailable, StartupError
from wyoming_kokoro.api.observations import ConfigReloaded
from wyoming_kokoro.testing import FakeServer, plugin_context
from wyoming_kokoro_systemd import SystemdPlugin
from wyoming_kokoro_systemd.notifier import Notifier
from wyoming_kokoro_systemd.status_reporter import StatusReporter, keepalive_seconds


class NotificationSocket:
    """The end of the notification socket that systemd reads."""

    def __init__(self, address: str) -> None:
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._sock.bind(address)
        self._sock.setblocking(False)

    async def receive(self) -> list[str]:
        """Wait for the next message and return its lines."""
        message = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(self._sock, 4096), 20)
        return message.decode().split("\n")

    async def until(self, line: str) -> None:
        """Wait for a message that contains `line`."""
        while line not in await self.receive():
            pass

    def pending(self) -> list[str]:
        """Return the lines of the messages that were not received yet."""
        lines: list[str] = []
        try:
            while True:
                lines += self._sock.recv(4096).decode().split("\n")
        except BlockingIOError:
            return lines

    def close(self) -> None:
        self._sock.close()


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[NotificationSocket]:
    address = tmp_path / "notify"
    monkeypatch.setenv("NOTIFY_SOCKET", str(address))
    with closing(NotificationSocket(str(address))) as sock:
        yield sock


class OpeningServer(FakeServer):
    """A server that is ready when `opened` has a result."""

    def __init__(self) -> None:
        super().__init__(addresses=(Address("0.0.0.0", 10200), Address("::", 10200)))
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def ready(self) -> None:
        await self.opened


def plugin(tmp_path: Path) -> SystemdPlugin:
    return SystemdPlugin(plugin_context("systemd", tmp_path))


@asynccontextmanager
async def reporting(tmp_path: Path, server: FakeServer) -> AsyncIterator[None]:
    (service,) = plugin(tmp_path).kokoro_services(server)
    async with service:
        yield


def test_plugin_is_unavailable_without_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    with pytest.raises(PluginUnavailable, match="Type=notify"):
        plugin(tmp_path)


async def test_server_is_ready_when_the_model_is_open(systemd: NotificationSocket, tmp_path: Path) -> None:
    server = OpeningServer()
    async with reporting(tmp_path, server):
        assert await systemd.receive() == ["STATUS=Opening the model"]
        await asyncio.sleep(0.05)
        assert systemd.pending() == []
        server.opened.set_result(None)
        assert await systemd.receive() == ["READY=1", "STATUS=Ready with 2 voices on port 10200"]
    assert await systemd.receive() == ["STOPPING=1", "STATUS=Finishing running streams"]
    assert systemd.pending() == []


async def test_server_whose_model_does_not_open_is_never_ready(systemd: NotificationSocket, tmp_path: Path) -> None:
    server = OpeningServer()
    async with reporting(tmp_path, server):
        server.opened.set_exception(StartupError("broken"))
        await asyncio.sleep(0.05)
    assert "READY=1" not in systemd.pending()


async def test_keepalives_stop_while_the_model_is_stuck(
    systemd: NotificationSocket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "20000")
    server = FakeServer()
    async with reporting(tmp_path, server):
        for _ in range(3):
            await systemd.until("WATCHDOG=1")
        server.is_stuck = True
        await systemd.until("STATUS=The model does not respond")
        await asyncio.sleep(0.1)
        assert systemd.pending() == []
        server.is_stuck = False
        await systemd.until("WATCHDOG=1")
        await systemd.until("STATUS=Ready with 2 voices")


async def test_problem_is_reported_until_it_is_solved(
    systemd: NotificationSocket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "20000")
    server = FakeServer(problems=["the phonemizer for en-US failed: no data", "the model kokoro failed: damaged"])
    async with reporting(tmp_path, server):
        await systemd.until("STATUS=the phonemizer for en-US failed: no data; the model kokoro failed: damaged")
        server.problems = ()
        await systemd.until("STATUS=Ready with 2 voices")


async def test_reload_is_reported_with_its_result(systemd: NotificationSocket, tmp_path: Path) -> None:
    """The result has one line, whatever the error message contains."""
    systemd_plugin = plugin(tmp_path)
    for read, status in (
        (ConfigReloaded(), "Ready with the new settings"),
        (ConfigReloaded(needs_restart=("server.uri",)), "Ready; restart to apply server.uri"),
        (ConfigReloaded("a.toml: is not\nTOML"), "Ready with the old settings: a.toml: is not TOML"),
    ):
        systemd_plugin.kokoro_observe(read)
        reloading, time = await systemd.receive()
        assert (reloading, time.rpartition("=")[0]) == ("RELOADING=1", "MONOTONIC_USEC")
        assert await systemd.receive() == ["READY=1", f"STATUS={status}"]


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "60000000"}, 30),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "7"}, 30),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "8"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "-1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_keepalive_interval_is_half_the_timeout(environment: dict[str, str], seconds: float | None) -> None:
    assert keepalive_seconds(environment, 7) == seconds


async def test_abstract_socket_is_used() -> None:
    """systemd uses abstract sockets in containers."""
    name = f"kokoro-{os.getpid()}"
    with closing(NotificationSocket(f"\0{name}")) as sock:
        Notifier(f"@{name}", logging.getLogger("systemd")).notify("READY=1")
        assert await sock.receive() == ["READY=1"]


async def test_missing_socket_is_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    notifier = Notifier(str(tmp_path / "missing"), logging.getLogger("systemd"))
    async with StatusReporter(FakeServer(), notifier, 0.01):
        await wait_until(lambda: caplog.records)
        await asyncio.sleep(0.1)
    (record,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert "Notification of systemd failed" in record.getMessage()
