"""The announcement's settings, its name, and its life beside the server."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from blockbuster import blockbuster_ctx

from wyoming_kokoro import Address, ConfigError
from wyoming_kokoro.testing import FakeServer, plugin_context
from wyoming_kokoro_zeroconf import Announcement
from wyoming_kokoro_zeroconf.addresses import Presence
from wyoming_kokoro_zeroconf.announcer import Announcer
from wyoming_kokoro_zeroconf.instance import GivenName, KeptName, why_not_a_name

LOG = logging.getLogger("wyoming_kokoro.plugins.zeroconf")


def services(folder: Path, hosts: Sequence[str], **table: Any) -> list[AbstractAsyncContextManager[object]]:
    plugin = Announcement(plugin_context("zeroconf", folder, table), poll_seconds=0.05)
    return list(plugin.kokoro_services(FakeServer([Address(host, 10200) for host in hosts])))


@pytest.mark.parametrize("hosts", [[], ["127.0.0.1"], ["::1", "127.0.0.1"], ["169.254.7.7"], ["fe80::1"]])
def test_what_only_this_machine_reaches_is_not_announced(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, hosts: list[str]
) -> None:
    """Which is said once; nothing is written, for nothing needs a name."""
    caplog.set_level(logging.INFO)
    assert services(tmp_path, hosts) == []
    assert [record.levelname for record in caplog.records] == ["INFO"]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"nmae": "x"}, "plugins.zeroconf.nmae: unknown key; did you mean name?"),
        ({"interfaces": "eth0"}, "plugins.zeroconf.interfaces"),
        ({"name": "my.box"}, "no dots"),
        ({"name": "a\nb"}, "no control characters"),
        ({"name": "ü" * 31}, "60 bytes"),
    ],
)
def test_a_wrong_setting_is_refused(tmp_path: Path, table: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message.replace("?", r"\?")):
        services(tmp_path, ["0.0.0.0"], **table)


def test_a_name_is_made_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "not there yet" / "zeroconf.json"
    names = {KeptName(file, LOG).name() for _ in range(3)}
    assert len(names) == 1
    assert names.pop().startswith("kokoro-")
    assert [path.name for path in file.parent.iterdir()] == ["zeroconf.json"]
    assert not caplog.records


def test_two_state_directories_have_two_names(tmp_path: Path) -> None:
    assert KeptName(tmp_path / "a", LOG).name() != KeptName(tmp_path / "b", LOG).name()


@pytest.mark.parametrize("host", ["Living Room.lan", "", "...", "ÄÖÜ", "x" * 64, "living_room"])
def test_any_host_name_gives_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: host)
    name = KeptName(tmp_path / "zeroconf.json", LOG).name()
    assert why_not_a_name(name) is None
    assert ("living-room" in name) is (host.lower().startswith("living"))


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b'{"name": 7}', b'{"name": ""}', b'{"name": "a.b"}', b"\xff\xfe"]
)
def test_a_broken_file_is_replaced(tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes) -> None:
    file = tmp_path / "zeroconf.json"
    file.write_bytes(content)
    name = KeptName(file, LOG).name()
    assert len(caplog.records) == 1
    assert str(file) in caplog.text
    assert KeptName(file, LOG).name() == name
    assert len(caplog.records) == 1


def test_a_name_that_cannot_be_kept_is_used_all_the_same(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "state").write_text("a file where the directory should be")
    assert KeptName(tmp_path / "state" / "zeroconf.json", LOG).name().startswith("kokoro-")
    assert "changes at every start" in caplog.text


def test_a_new_name_is_kept(tmp_path: Path) -> None:
    kept = KeptName(tmp_path / "zeroconf.json", LOG)
    kept.rename(f"{kept.name()}-2")
    assert KeptName(tmp_path / "zeroconf.json", LOG).name().endswith("-2")


def test_the_owners_name_stays_the_owners(caplog: pytest.LogCaptureFixture) -> None:
    given = GivenName("Loft", LOG)
    given.rename("Loft-2")
    assert given.name() == "Loft"
    assert "Loft-2" in caplog.text


async def test_entering_does_not_wait_and_leaving_leaves_nothing(tmp_path: Path) -> None:
    """On whatever network this machine has; also when it is left at once, and twice in a row."""
    before = asyncio.all_tasks()
    with blockbuster_ctx(["wyoming_kokoro_zeroconf"]):
        for seconds in (0, 0.01, 0.2, 1):
            (service,) = services(tmp_path, ["0.0.0.0", "::"])
            async with service:
                await asyncio.sleep(seconds)
    await asyncio.sleep(0.1)
    assert asyncio.all_tasks() == before


class Flaky:
    """A look at the interfaces that fails three times before it sees that there are none."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self._looks = 0

    def __call__(self) -> Presence:
        self._looks += 1
        if self._looks <= 3:
            raise OSError(24, "Too many open files")
        if self._looks == 6:
            self.over.set()
        return Presence()


async def test_a_lasting_failure_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    flaky = Flaky()
    async with Announcer(GivenName("Loft", LOG), flaky, 10200, LOG, poll_seconds=0.01):
        assert await asyncio.to_thread(flaky.over.wait, 20)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "Too many open files" in caplog.records[0].getMessage()


async def test_what_nobody_thought_of_is_told_when_leaving() -> None:
    def look() -> Presence:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        async with Announcer(GivenName("Loft", LOG), look, 10200, LOG, poll_seconds=0.01):
            await asyncio.sleep(0.2)


async def test_leaving_may_be_cancelled(tmp_path: Path) -> None:
    """A server that is stopped the hard way has no task left a moment later."""
    before = asyncio.all_tasks()
    (service,) = services(tmp_path, ["0.0.0.0", "::"])

    async def serve() -> None:
        async with service:
            await asyncio.sleep(60)

    serving = asyncio.create_task(serve())
    await asyncio.sleep(1)
    serving.cancel()
    await asyncio.sleep(0.05)
    serving.cancel()
    await asyncio.wait({serving})
    assert serving.cancelled()
    left = asyncio.all_tasks() - before
    if left:
        await asyncio.wait(left, timeout=10)
    assert asyncio.all_tasks() == before
