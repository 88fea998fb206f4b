from __future__ import annotations

import math
import platform
from collections.abc import Mapping
from pathlib import Path

import pytest

from wyoming_kokoro import cpu

X86_64 = "processor\t: 0\nmodel name\t: avx512\nflags\t\t: fpu avx2\n\nprocessor\t: 1\nflags\t\t: fpu avx2\n"
ARM64 = "processor\t: 0\nFeatures\t: fp asimd asimddp\n"


@pytest.mark.skipif(platform.system() != "Linux", reason="reads Linux's /proc/cpuinfo")
@pytest.mark.parametrize(
    ("text", "expected"),
    [(X86_64, {"fpu", "avx2"}), (ARM64, {"fp", "asimd", "asimddp"}), ("nothing", set()), (None, set())],
)
def test_instruction_sets_are_read_from_cpuinfo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, expected: set[str]
) -> None:
    file = tmp_path / "cpuinfo"
    if text is not None:
        file.write_text(text)
    monkeypatch.setattr(cpu, "CPUINFO", file)
    assert cpu.instruction_sets() == expected


@pytest.mark.parametrize(("machine", "expected"), [("arm64", {"asimddp"}), ("x86_64", set())])
def test_only_apple_silicon_has_the_dot_product(
    monkeypatch: pytest.MonkeyPatch, machine: str, expected: set[str]
) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert cpu.instruction_sets() == expected


@pytest.mark.parametrize(
    ("own", "files", "quota"),
    [
        ("0::/", {"cpu.max": "max 100000"}, math.inf),
        ("0::/", {"cpu.max": "50000 100000"}, 0.5),
        ("0::/box/inner", {"box/cpu.max": "25000 100000", "box/inner/cpu.max": "max 100000"}, 0.25),
        ("1:memory:/\n0::/a", {"cpu.max": "300000 100000", "a/cpu.max": "150000 100000"}, 1.5),
        ("4:cpu,cpuacct:/a", {"cpu/a/cpu.cfs_quota_us": "50000", "cpu/a/cpu.cfs_period_us": "100000"}, 0.5),
        ("4:cpu:/docker/1", {"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, math.inf),
        ("0::/", {"cpu.max": "junk"}, math.inf),
        (None, {}, math.inf),
    ],
)
def test_quota_is_the_lowest_of_all_control_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: str | None, files: Mapping[str, str], quota: float
) -> None:
    for name, content in files.items():
        (tmp_path / "root" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "root" / name).write_text(content)
    if own is not None:
        (tmp_path / "own").write_text(own)
    monkeypatch.setattr(cpu, "OWN_CGROUPS", tmp_path / "own")
    monkeypatch.setattr(cpu, "CGROUP_ROOT", tmp_path / "root")
    assert cpu.cpu_quota() == quota


@pytest.mark.parametrize(("quota", "expected"), [(0.25, 1), (1.0, 1), (1.5, 2), (math.inf, 4)])
def test_threads_do_not_exceed_the_quota(monkeypatch: pytest.MonkeyPatch, quota: float, expected: int) -> None:
    monkeypatch.setattr(cpu, "cpu_quota", lambda: quota)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: range(8), raising=False)
    assert cpu.default_threads() == expected


def identity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cpuinfo: str) -> str:
    file = tmp_path / "cpuinfo"
    file.write_text(cpuinfo)
    monkeypatch.setattr(cpu, "CPUINFO", file)
    monkeypatch.setattr(cpu, "instruction_sets", lambda: frozenset(cpuinfo.partition("flags\t: ")[2].split()))
    return cpu.arithmetic_identity()


def test_arithmetic_identity_changes_only_with_what_calculates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = identity(tmp_path, monkeypatch, "model name\t: Zen\nflags\t: fpu avx2 fma smep")
    for same in ("model name\t: Zen\nflags\t: fma avx2 smap rdrand", "model name\t: Zen\n" * 8 + "flags\t: avx2 fma"):
        assert identity(tmp_path, monkeypatch, same) == before
    for other in ("model name\t: Zen\nflags\t: avx2 fma avx512f", "model name\t: Zen 2\nflags\t: avx2 fma"):
        assert identity(tmp_path, monkeypatch, other) != before


def test_machine_with_an_unknown_cpu_is_like_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "node", lambda: "kitchen")
    kitchen = identity(tmp_path, monkeypatch, "")
    monkeypatch.setattr(platform, "node", lambda: "hall")
    assert identity(tmp_path, monkeypatch, "") != kitchen
