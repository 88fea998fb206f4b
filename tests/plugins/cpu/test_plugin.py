from __future__ import annotations

from pathlib import Path

import pytest

from wyoming_kokoro import ConfigError
from wyoming_kokoro.onnx import instruction_sets
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro_cpu import CpuPlugin, fastest_precision

ZEN_4 = "fpu sse4_2 avx2 avx512f avx512_vnni"
ZEN_3 = "fpu sse4_2 avx2 vpclmulqdq"
IVY_BRIDGE = "fpu sse4_2 avx f16c"
PI_5 = "fp asimd evtstrm aes crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp"
PI_4 = "fp asimd evtstrm crc32 cpuid"


@pytest.mark.parametrize(
    ("names", "precision"), [(ZEN_4, "int8"), (ZEN_3, "int8"), (IVY_BRIDGE, "float"), (PI_5, "int8"), (PI_4, "float")]
)
def test_precision_is_the_fastest_for_the_cpu(names: str, precision: str) -> None:
    assert fastest_precision(frozenset(names.split())) == precision


@pytest.mark.parametrize("precision", ["int8", "float"])
def test_configured_precision_is_used(tmp_path: Path, precision: str) -> None:
    (provider,) = CpuPlugin(plugin_context("cpu", tmp_path, {"precision": precision})).kokoro_providers()
    assert (provider.name, provider.precision, provider.unavailable_reason) == ("cpu", precision, None)


def test_default_precision_depends_on_the_cpu(tmp_path: Path) -> None:
    (provider,) = CpuPlugin(plugin_context("cpu", tmp_path)).kokoro_providers()
    assert provider.precision == fastest_precision(instruction_sets())


def test_unknown_precision_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="int8"):
        CpuPlugin(plugin_context("cpu", tmp_path, {"precision": "fp4"}))
