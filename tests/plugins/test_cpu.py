"""The provider that always works, and the precision it works in."""

from __future__ import annotations

from pathlib import Path

import pytest

from wyoming_kokoro import ConfigError
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro_cpu import Cpu
from wyoming_kokoro_cpu.processor import has_byte_products, multiplies_bytes

ZEN_4 = "flags\t\t: fpu sse4_2 avx2 avx512f avx512_vnni"
IVY_BRIDGE = "flags\t\t: fpu sse4_2 avx f16c"
ZEN_3 = "flags\t\t: fpu sse4_2 avx2 vpclmulqdq"
PI_5 = "Features\t: fp asimd evtstrm aes crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp"
PI_4 = "Features\t: fp asimd evtstrm crc32 cpuid"


@pytest.mark.parametrize(
    ("line", "fast"),
    [(ZEN_4, True), (ZEN_3, True), (IVY_BRIDGE, False), (PI_5, True), (PI_4, False), ("model name: avx2", False)],
)
def test_what_the_processor_lists(line: str, fast: bool) -> None:
    assert has_byte_products(["processor: 0", line]) == fast


@pytest.mark.parametrize("wanted", ["int8", "float"])
def test_the_owner_decides(tmp_path: Path, wanted: str) -> None:
    (provider,) = Cpu(plugin_context("cpu", tmp_path, {"precision": wanted})).kokoro_providers()
    assert (provider.name, provider.precision, provider.unavailable_reason) == ("cpu", wanted, None)


def test_else_the_processor_does(tmp_path: Path) -> None:
    (provider,) = Cpu(plugin_context("cpu", tmp_path)).kokoro_providers()
    assert provider.precision == ("int8" if multiplies_bytes() else "float")


def test_other_precisions_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="int8"):
        Cpu(plugin_context("cpu", tmp_path, {"precision": "fp4"}))
