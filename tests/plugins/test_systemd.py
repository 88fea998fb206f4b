"""What systemd is told, on a real notification socket."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from wyoming_kokoro import Address, PluginUnavailable, StartupError
from wyoming_kokoro.api.observations import ConfigReloaded
from wyoming_kokoro.testing import FakeServer, plugin_context
from wyoming_kokoro_systemd import Systemd
from wyoming_kokoro_systemd.notifier import Notifier
from wyoming_kokoro_systemd.reporting import Reporting, keep_alive_seconds


class Manager:
    """The end of the notification socket that systemd has."""

    def __init__(self, address: str) -> None:
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._sock.bind(address)
        self._sock.setblocking(False)

    async def told(self) -> list[str]:
        """Return the lines of the next message."""
        message = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(self._sock, 4096), 20)
        return message.decode().split("\n")

    async def until(self, line: str) -> list[str]:
        """Return all lines up to a message that has `line`."""
        lines: list[str] = []
        while line not in lines:
            lines += await self.told()
        return lines

    def rest(self) -> list[str]:
        """Return what was told already and not read."""
        lines: list[str] = []
        try:
            while True:
                lines += self._sock.recv(4096).decode().split("\n")
        except BlockingIOError:
            return lines

    def close(self) -> None:
        self._sock.close()


@contextmanager
def manager(address: str) -> Iterator[Manager]:
    there = Manager(address)
    try:
        yield there
    finally:
        there.close()


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Manager]:
    address = tmp_path / "notify"
    monkeypatch.setenv("NOTIFY_SOCKET", str(address))
    with manager(str(address)) as there:
        yield there


class OpeningServer(FakeServer):
    """A server whose model opens when it is told to, and may fail."""

    def __init__(self) -> None:
        super().__init__(addresses=(Address("0.0.0.0", 10200), Address("::", 10200)))
        self.opening: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def ready(self) -> None:
        await self.opening


def plugin(tmp_path: Path) -> Systemd:
    return Systemd(plugin_context("systemd", tmp_path))


@asynccontextmanager
async def reporting(tmp_path: Path, server: FakeServer) -> AsyncIterator[None]:
    (service,) = plugin(tmp_path).kokoro_services(server)
    async with service:
        yield


def test_it_is_not_there_without_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    with pytest.raises(PluginUnavailable, match="Type=notify"):
        plugin(tmp_path)


async def test_the_server_is_ready_when_it_can_speak(systemd: Manager, tmp_path: Path) -> None:
    """And says where; and that it stops."""
    server = OpeningServer()
    async with reporting(tmp_path, server):
        assert await systemd.told() == ["STATUS=Opening the model"]
        await asyncio.sleep(0.05)
        assert systemd.rest() == []
        server.opening.set_result(None)
        assert await systemd.told() == ["READY=1", "STATUS=Speaking with 2 voices on port 10200"]
    assert await systemd.told() == ["STOPPING=1", "STATUS=Speaking to the end"]
    assert systemd.rest() == []


async def test_a_model_that_cannot_be_opened_is_never_ready(systemd: Manager, tmp_path: Path) -> None:
    server = OpeningServer()
    async with reporting(tmp_path, server):
        server.opening.set_exception(StartupError("broken"))
        await asyncio.sleep(0.05)
    assert "READY=1" not in systemd.rest()


async def test_the_keep_alive_ends_when_the_model_does_not_come_back(
    systemd: Manager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It begins again when it does."""
    monkeypatch.setenv("WATCHDOG_USEC", "20000")
    server = FakeServer()
    async with reporting(tmp_path, server):
        for _ in range(3):
            await systemd.until("WATCHDOG=1")
        server.is_stuck = True
        await systemd.until("STATUS=The model does not answer")
        await asyncio.sleep(0.1)
        assert systemd.rest() == []
        server.is_stuck = False
        await systemd.until("WATCHDOG=1")
        await systemd.until("STATUS=Speaking with 2 voices")


async def test_settings_that_were_read_again(systemd: Manager, tmp_path: Path) -> None:
    """systemd waits for the end of a reload; what the owner should know is in the status, in one line."""
    bringing = plugin(tmp_path)
    for read, status in (
        (ConfigReloaded(), "Speaking with the new settings"),
        (ConfigReloaded(needs_restart=("server.uri",)), "Speaking; a restart is needed for server.uri"),
        (ConfigReloaded("a.toml: is not\nTOML"), "Speaking with the old settings: a.toml: is not TOML"),
    ):
        bringing.kokoro_observe(read)
        begun, moment = await systemd.told()
        assert (begun, moment.rpartition("=")[0]) == ("RELOADING=1", "MONOTONIC_USEC")
        assert await systemd.told() == ["READY=1", f"STATUS={status}"]


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
def test_the_keep_alive_is_sent_twice_as_often_as_is_asked(environment: dict[str, str], seconds: float | None) -> None:
    assert keep_alive_seconds(environment, 7) == seconds


async def test_an_abstract_socket() -> None:
    """As systemd has it in containers: a name without a file."""
    name = f"kokoro-{os.getpid()}"
    with manager(f"\0{name}") as there:
        Notifier(f"@{name}", logging.getLogger("systemd")).tell("READY=1")
        assert await there.told() == ["READY=1"]


async def test_a_manager_that_is_gone_is_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    notifier = Notifier(str(tmp_path / "nowhere"), logging.getLogger("systemd"))
    async with Reporting(FakeServer(), notifier, 0.01):
        await asyncio.sleep(0.1)
    (complaint,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert "systemd cannot be told" in complaint.getMessage()
