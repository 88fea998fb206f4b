"""What the sensors read from this machine, from containers and from damaged files."""

from __future__ import annotations

import logging
import platform
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wyoming_kokoro_memory_watchdog.sensors import MemorySensors
from wyoming_kokoro_memory_watchdog.snapshot import MemoryLimit, MemorySnapshot

LOG = logging.getLogger("sensors")
MACHINE = MemoryLimit("the machine", 8000, 5000)
PSI = "some avg10={some} avg60=0.00 avg300=0.00 total=1\nfull avg10={full} avg60=0.00 avg300=0.00 total=1\n"


@pytest.fixture
def fake_psutil(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process of 300 bytes on `MACHINE`."""
    process = SimpleNamespace(memory_info=lambda: SimpleNamespace(rss=300))
    monkeypatch.setattr(psutil, "Process", lambda: process)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=8000, available=5000))


def read_sensors(root: Path, limit_bytes: int = 0) -> MemorySnapshot:
    return MemorySensors(limit_bytes, LOG, proc=root / "proc").read()


def write(file: Path, content: str | bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())


def write_group(folder: Path, current: int, maximum: str = "max", high: str = "max", inactive: int = 0) -> None:
    write(folder / "memory.current", f"{current}\n")
    write(folder / "memory.max", f"{maximum}\n")
    write(folder / "memory.high", f"{high}\n")
    write(folder / "memory.stat", f"anon 5\nfile 7\ninactive_file {inactive}\nactive_file 3\n")


def join_group(root: Path, path: str, mounted: str = "/") -> None:
    """Make the process a member of the group `path`; the part `mounted` of the group tree is mounted at `root/cg`."""
    write(root / "proc" / "self" / "cgroup", f"0::{path}\n")
    mounts = (
        "21 30 0:20 / /proc rw - proc proc rw\n"
        f"31 23 0:28 {mounted} {root}/cg rw,relatime shared:9 - cgroup2 cgroup2 rw\n"
    )
    write(root / "proc" / "self" / "mountinfo", mounts)


def container_limits(snapshot: MemorySnapshot) -> list[MemoryLimit]:
    return [limit for limit in snapshot.limits if limit.name == "the container"]


# Control groups


@pytest.mark.usefixtures("fake_psutil")
def test_container_sees_only_its_own_group(tmp_path: Path) -> None:
    """Docker gives a container a namespace whose root is the mount."""
    join_group(tmp_path, "/")
    write_group(tmp_path / "cg", 900, maximum="1000", inactive=300)
    assert container_limits(read_sensors(tmp_path)) == [MemoryLimit("the container", 1000, 400)]


@pytest.mark.usefixtures("fake_psutil")
def test_limits_of_all_parent_groups_count(tmp_path: Path) -> None:
    join_group(tmp_path, "/system.slice/kokoro.service")
    write_group(tmp_path / "cg" / "system.slice" / "kokoro.service", 100, maximum="500", high="400")
    write_group(tmp_path / "cg" / "system.slice", 3000, maximum="3100")
    write_group(tmp_path / "cg", 5000)
    assert container_limits(read_sensors(tmp_path)) == [
        MemoryLimit("the container", 400, 300),
        MemoryLimit("the container", 3100, 100),
    ]


@pytest.mark.parametrize("path", ["/docker/abc", "/../elsewhere", "/docker/abc/child"])
@pytest.mark.usefixtures("fake_psutil")
def test_group_outside_of_the_mount_counts_as_the_mount(tmp_path: Path, path: str) -> None:
    """The kernel may report the group's path on the host, of which the container sees the end or nothing."""
    join_group(tmp_path, path, mounted="/docker/abc")
    write_group(tmp_path / "cg", 900, maximum="1000")
    assert MemoryLimit("the container", 1000, 100) in container_limits(read_sensors(tmp_path))


@pytest.mark.usefixtures("fake_psutil")
def test_usage_above_the_limit_leaves_nothing_available(tmp_path: Path) -> None:
    join_group(tmp_path, "/")
    write_group(tmp_path / "cg", 1200, maximum="2000", high="1000")
    assert container_limits(read_sensors(tmp_path)) == [MemoryLimit("the container", 1000, 0)]


FILE_CONTENTS = st.binary(max_size=60) | st.sampled_from(
    [b"max", b"-1", b"0", b"1e9", b"inactive_file", b"inactive_file x\n", b"\xff\xfe", b"9" * 400, b"some avg10=9e99"]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(FILE_CONTENTS, min_size=6, max_size=6))
@pytest.mark.usefixtures("fake_psutil")
def test_damaged_files_leave_the_other_readings_valid(tmp_path: Path, contents: list[bytes]) -> None:
    join_group(tmp_path, "/")
    names = ["memory.current", "memory.max", "memory.high", "memory.stat", "memory.pressure"]
    for name, content in zip(names, contents, strict=False):
        write(tmp_path / "cg" / name, content)
    write(tmp_path / "proc" / "pressure" / "memory", contents[5])
    snapshot = read_sensors(tmp_path)
    assert snapshot.resident_bytes == 300
    assert snapshot.limits[0] == MACHINE
    assert all(limit.limit_bytes > 0 and limit.available_bytes >= 0 for limit in snapshot.limits)
    assert 0 <= snapshot.some_stalled_percent <= 100


# Pressure stall information


@pytest.mark.usefixtures("fake_psutil")
def test_highest_pressure_of_machine_and_container_counts(tmp_path: Path) -> None:
    join_group(tmp_path, "/")
    write(tmp_path / "proc" / "pressure" / "memory", PSI.format(some="12.50", full="0.00"))
    write(tmp_path / "cg" / "memory.pressure", PSI.format(some="3.00", full="2.25"))
    snapshot = read_sensors(tmp_path)
    assert (snapshot.some_stalled_percent, snapshot.all_stalled_percent) == (12.5, 2.25)


# The process and the machine


@pytest.mark.usefixtures("fake_psutil")
def test_configured_limit_counts(tmp_path: Path) -> None:
    assert read_sensors(tmp_path, limit_bytes=350).limits[-1] == MemoryLimit("this process (limit_mb)", 350, 50)
    assert read_sensors(tmp_path, limit_bytes=250).available_bytes == 0


@pytest.mark.usefixtures("fake_psutil")
def test_missing_files_leave_only_the_machine(tmp_path: Path) -> None:
    assert read_sensors(tmp_path) == MemorySnapshot(300, (MACHINE,))


def test_failing_sensor_is_logged_once_and_does_not_affect_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)

    def fail() -> None:
        raise RuntimeError("no such device")

    monkeypatch.setattr(psutil, "Process", fail)
    monkeypatch.setattr(psutil, "virtual_memory", fail)
    join_group(tmp_path, "/")
    write_group(tmp_path / "cg", 900, maximum="1000")
    sensors = MemorySensors(100, LOG, proc=tmp_path / "proc")
    for _ in range(3):
        assert sensors.read() == MemorySnapshot(limits=(MemoryLimit("the container", 1000, 100),))
    assert [record.getMessage() for record in caplog.records] == [
        "Memory sensor failed: RuntimeError('no such device')"
    ]


def test_sensors_of_this_machine_can_be_read() -> None:
    snapshot = MemorySensors(0, LOG).read()
    assert snapshot.resident_bytes > 1_000_000
    assert snapshot.available_bytes
    assert {limit.name for limit in snapshot.limits} <= {"the machine", "the container"}


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="needs glibc")
def test_trim_returns_free_heap_between_used_blocks_to_the_system() -> None:
    """The heap holds 50 MB in blocks of 4 kB; all but every hundredth are freed."""
    sensors = MemorySensors(0, LOG)
    sensors.trim()
    blocks = [np.ones(4000, np.uint8) for _ in range(13_000)]
    blocks[:] = blocks[::100]
    before = sensors.read().resident_bytes
    sensors.trim()
    assert before - sensors.read().resident_bytes > 30_000_000
    del blocks
