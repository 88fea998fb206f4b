from __future__ import annotations

import platform
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
