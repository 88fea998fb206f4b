"""The configured and the stored name of the server."""

from __future__ import annotations

import logging
import socket
from pathlib import Path

import pytest

from wyoming_kokoro_zeroconf.instance_name import (
    MAX_NAME_BYTES,
    MAX_NAME_NUMBER,
    InstanceName,
    NumberedName,
    name_error,
)

LOG = logging.getLogger("wyoming_kokoro.plugins.zeroconf")


def test_name_is_generated_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "missing folder" / "zeroconf.json"
    names = {InstanceName("", file, LOG).name() for _ in range(3)}
    assert len(names) == 1
    assert names.pop().name.startswith("kokoro-")
    assert [path.name for path in file.parent.iterdir()] == ["zeroconf.json"]
    assert not caplog.records


def test_each_state_directory_gets_its_own_name(tmp_path: Path) -> None:
    assert InstanceName("", tmp_path / "a", LOG).name() != InstanceName("", tmp_path / "b", LOG).name()


@pytest.mark.parametrize("host", ["Living Room.lan", "", "...", "ÄÖÜ", "x" * 64, "living_room"])
def test_generated_name_is_valid_for_any_host_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: host)
    name = InstanceName("", tmp_path / "zeroconf.json", LOG).name().name
    assert name_error(name) is None
    assert ("living-room" in name) is (host.lower().startswith("living"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"name": 7}',
        b'{"name": ""}',
        b'{"name": "a.b"}',
        b'{"name": "a", "number": 0}',
        b"\xff\xfe",
    ],
)
def test_damaged_file_is_logged_and_replaced(tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes) -> None:
    file = tmp_path / "zeroconf.json"
    file.write_bytes(content)
    name = InstanceName("", file, LOG).name()
    assert len(caplog.records) == 1
    assert str(file) in caplog.text
    assert InstanceName("", file, LOG).name() == name
    assert len(caplog.records) == 1


def test_unwritable_file_is_logged_and_the_name_is_used(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "state").write_text("a file in place of the directory")
    assert InstanceName("", tmp_path / "state" / "zeroconf.json", LOG).name().name.startswith("kokoro-")
    assert "will change at every start" in caplog.text


def test_number_of_a_taken_name_is_stored_and_not_part_of_the_name(tmp_path: Path) -> None:
    """Or the name would become longer at each conflict, until it is too long."""
    name = InstanceName("", tmp_path / "zeroconf.json", LOG).name()
    for number in range(2, MAX_NAME_NUMBER + 1):
        stored = InstanceName("", tmp_path / "zeroconf.json", LOG)
        stored.rename(list(stored.name().candidates())[1])
        assert str(InstanceName("", tmp_path / "zeroconf.json", LOG).name()) == f"{name}-{number}"


def test_longest_name_has_room_for_its_number() -> None:
    longest = NumberedName("x" * MAX_NAME_BYTES)
    assert all(len(str(name)) <= 63 for name in longest.candidates())
    assert len(list(longest.candidates())) == MAX_NAME_NUMBER


def test_configured_name_does_not_change(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    configured = InstanceName("Loft", tmp_path / "zeroconf.json", LOG)
    configured.rename(NumberedName("Loft", 2))
    assert configured.name() == NumberedName("Loft")
    assert "Loft-2" in caplog.text
    assert list(tmp_path.iterdir()) == []
