"""What is read of this machine and of others: containers of both kinds, an allocator without figures, odd files."""

from __future__ import annotations

import ctypes
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wyoming_kokoro_memory_watchdog.cgroup import memory_groups
from wyoming_kokoro_memory_watchdog.malloc import Allocator
from wyoming_kokoro_memory_watchdog.sensors import MemorySensors
from wyoming_kokoro_memory_watchdog.snapshot import Heap, MemoryLimit, MemorySnapshot

LOG = logging.getLogger("watching")
MUTE = SimpleNamespace()
"""A C library that knows nothing of its allocator, as musl's and macOS's."""
FULL = "some avg10={some} avg60=0.00 avg300=0.00 total=1\nfull avg10={full} avg60=0.00 avg300=0.00 total=1\n"


def system(rss: int = 300, shared: int = 100, available: int = 5000, total: int = 8000) -> SimpleNamespace:
    """Return what tells as psutil does."""
    process = SimpleNamespace(memory_info=lambda: SimpleNamespace(rss=rss, shared=shared))
    memory = SimpleNamespace(available=available, total=total)
    return SimpleNamespace(Process=lambda: process, virtual_memory=lambda: memory)


def machine(root: Path, tell: Callable[[], object] = system, limit: int = 0) -> MemorySensors:
    return MemorySensors(limit, LOG, proc=root / "proc", system=tell, allocator=Allocator(MUTE), platform="linux")


def write(file: Path, content: str | bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())


def second_version(folder: Path, current: int, most: str = "max", high: str = "max", inactive: int = 0) -> None:
    write(folder / "memory.current", f"{current}\n")
    write(folder / "memory.max", f"{most}\n")
    write(folder / "memory.high", f"{high}\n")
    write(folder / "memory.stat", f"anon 5\nfile 7\ninactive_file {inactive}\nactive_file 3\n")


def joined(root: Path, own: str, *mounts: str) -> None:
    """Say to which groups the process belongs, and what is mounted where; a mount is `root point kind options`."""
    write(root / "proc" / "self" / "cgroup", own)
    lines = ["21 30 0:20 / /proc rw - proc proc rw"]
    for mount in mounts:
        inner, point, kind, options = mount.split()
        lines.append(f"31 23 0:28 {inner} {root}/{point} rw,relatime shared:9 - {kind} {kind} {options}")
    write(root / "proc" / "self" / "mountinfo", "\n".join(lines) + "\n")


def containers(reading: MemorySnapshot) -> list[MemoryLimit]:
    return [bound for bound in reading.bounds if bound.name == "the container"]


# Control groups


def test_a_container_that_sees_only_its_own_group(tmp_path: Path) -> None:
    """As Docker has it on a system of today: a namespace whose root is the mount."""
    joined(tmp_path, "0::/\n", "/ cg cgroup2 rw")
    second_version(tmp_path / "cg", 900, most="1000", inactive=300)
    assert containers(machine(tmp_path).read()) == [MemoryLimit("the container", 1000, 400)]


def test_a_service_under_a_slice_that_is_limited_too(tmp_path: Path) -> None:
    """Limits of all groups around count; one without a limit is none."""
    joined(tmp_path, "0::/system.slice/kokoro.service\n", "/ cg cgroup2 rw")
    second_version(tmp_path / "cg" / "system.slice" / "kokoro.service", 100, most="500", high="400")
    second_version(tmp_path / "cg" / "system.slice", 3000, most="3100")
    second_version(tmp_path / "cg", 5000)
    found = containers(machine(tmp_path).read())
    assert found == [MemoryLimit("the container", 400, 300), MemoryLimit("the container", 3100, 100)]


@pytest.mark.parametrize("path", ["/docker/abc", "/../elsewhere", "/docker/abc/child"])
def test_a_path_that_is_not_mounted_here(tmp_path: Path, path: str) -> None:
    """A container may be told its path on the host, of which it sees the end, or one outside of all that it sees."""
    joined(tmp_path, f"0::{path}\n", "/docker/abc cg cgroup2 rw")
    second_version(tmp_path / "cg", 900, most="1000")
    assert MemoryLimit("the container", 1000, 100) in containers(machine(tmp_path).read())


def test_more_than_the_limit_leaves_nothing(tmp_path: Path) -> None:
    joined(tmp_path, "0::/\n", "/ cg cgroup2 rw")
    second_version(tmp_path / "cg", 1200, most="2000", high="1000")
    assert containers(machine(tmp_path).read()) == [MemoryLimit("the container", 1000, 0)]


JUNK = st.binary(max_size=60) | st.sampled_from(
    [b"max", b"-1", b"0", b"1e9", b"inactive_file", b"inactive_file x\n", b"\xff\xfe", b"9" * 400, b"some avg10=9e99"]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(JUNK, min_size=6, max_size=6))
def test_whatever_the_files_say_something_is_read(tmp_path: Path, contents: list[bytes]) -> None:
    """Neither an exception nor nonsense comes of it; the other sensors still count."""
    joined(tmp_path, "0::/\n", "/ cg cgroup2 rw")
    names = ["memory.current", "memory.max", "memory.high", "memory.stat", "memory.pressure"]
    for name, content in zip(names, contents, strict=False):
        write(tmp_path / "cg" / name, content)
    write(tmp_path / "proc" / "pressure" / "memory", contents[5])
    reading = machine(tmp_path).read()
    assert reading.resident == 300
    assert reading.bounds[0] == MemoryLimit("the machine", 8000, 5000)
    assert all(bound.limit > 0 and bound.available >= 0 for bound in reading.bounds)
    assert 0 <= reading.some_stalled <= 100


@given(st.text(max_size=200), st.text(max_size=200))
def test_whatever_the_kernel_tells_of_groups_is_understood(own: str, mounts: str) -> None:
    assert all(group.folder for group in memory_groups(own, mounts))


LINE = st.sampled_from(["0::/", "0::", "4:memory:/a/b", "4:memory", "::", "0::/../..", "4:memory:a", "0::/a b"])
MOUNT = st.sampled_from(
    [
        "1 2 3 / /cg rw - cgroup2 c rw",
        "1 2 3 /a /cg rw - cgroup c rw,memory",
        "1 2 3 / cg - cgroup2 c rw",
        " - ",
        "1 - 2",
    ]
)


@given(st.lists(LINE).map("\n".join), st.lists(MOUNT).map("\n".join))
def test_all_groups_lie_below_their_mount(own: str, mounts: str) -> None:
    found = [group.folder for group in memory_groups(own, mounts)]
    assert all(folder.parts[:2] == ("/", "cg") or folder.parts[0] == "cg" for folder in found)
    assert not any(".." in folder.parts for folder in found)


# MemoryPressure


def test_waiting_of_the_machine_and_of_the_container_is_felt(tmp_path: Path) -> None:
    joined(tmp_path, "0::/\n", "/ cg cgroup2 rw")
    write(tmp_path / "proc" / "pressure" / "memory", FULL.format(some="12.50", full="0.00"))
    write(tmp_path / "cg" / "memory.pressure", FULL.format(some="3.00", full="2.25"))
    reading = machine(tmp_path).read()
    assert (reading.some_stalled, reading.all_stalled) == (12.5, 2.25)


# The process and the machine


def test_the_owners_limit_is_a_bound(tmp_path: Path) -> None:
    assert machine(tmp_path, limit=350).read().bounds[-1] == MemoryLimit("this process (limit_mb)", 350, 50)
    assert machine(tmp_path, limit=250).read().available == 0
    assert [bound.name for bound in machine(tmp_path).read().bounds] == ["the machine"]


def test_sensors_that_fail_are_told_once_and_cost_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    def broken() -> object:
        raise RuntimeError("no such device")

    joined(tmp_path, "0::/\n", "/ cg cgroup2 rw")
    second_version(tmp_path / "cg", 900, most="1000")
    watched = machine(tmp_path, broken, limit=100)
    for _ in range(3):
        assert watched.read() == MemorySnapshot(bounds=(MemoryLimit("the container", 1000, 100),))
    assert [record.getMessage() for record in caplog.records] == [
        "Something of the memory cannot be read: RuntimeError('no such device')"
    ]


def test_a_machine_without_any_of_it(tmp_path: Path) -> None:
    assert machine(tmp_path).read() == MemorySnapshot(300, 200, bounds=(MemoryLimit("the machine", 8000, 5000),))


def test_this_machine_can_be_read() -> None:
    reading = MemorySensors(0, LOG).read()
    assert 1_000_000 < reading.private <= reading.resident
    assert reading.available
    assert {bound.name for bound in reading.bounds} <= {"the machine", "the container"}


# The allocator


@pytest.fixture
def heap() -> Allocator:
    if sys.platform != "linux" or "glibc" not in str(os.confstr("CS_GNU_LIBC_VERSION")):
        pytest.skip("needs glibc")
    return Allocator()


def test_free_pieces_between_others_are_waste_until_they_are_given_back(heap: Allocator) -> None:
    """Some 50 MB in pieces of 4 kB, of which every hundredth stays."""
    machine = MemorySensors(0, LOG, allocator=heap)
    machine.trim()
    pieces = [np.ones(4000, np.uint8) for _ in range(13_000)]
    pieces[:] = pieces[::100]
    before = machine.read()
    machine.trim()
    after = machine.read()
    assert isinstance(before.heap, Heap)
    assert before.wasted > 40_000_000
    assert before.resident - after.resident > 30_000_000
    assert after.wasted < 10_000_000
    del pieces


def test_a_library_without_figures_tells_none() -> None:
    assert Allocator(MUTE).heap() is None
    Allocator(MUTE).trim()


def test_the_figures_are_glibc_s_own(heap: Allocator) -> None:
    """What is asked for is counted: large pieces too, which have pages of their own."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
    before = heap.heap()
    block = libc.malloc(ctypes.c_size_t(80_000_000))
    during = heap.heap()
    libc.free(block)
    assert before
    assert during
    assert 79_000_000 < during.used - before.used < 82_000_000
