"""Run the model on the CPU with ONNX Runtime. This works on every machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from wyoming_kokoro import PluginContext, Provider, Session, SessionOptions, hookimpl
from wyoming_kokoro.onnx import instruction_sets, open_onnx

# Instruction sets that multiply bytes faster than floats: of x86-64, then of arm64. Every CPU with a better one has
# one of these too.
INT8_INSTRUCTIONS = frozenset({"avx2", "asimddp"})


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.cpu]`."""

    precision: Literal["auto", "int8", "float"] = "auto"
    """`auto` is int8 where the CPU multiplies bytes faster than floats (AVX2, dot product)."""


class CpuPlugin:
    """Provides the provider `cpu`."""

    def __init__(self, context: PluginContext) -> None:
        precision = context.settings(Settings).precision
        self._precision = fastest_precision(instruction_sets()) if precision == "auto" else precision

    @hookimpl
    def kokoro_providers(self) -> Iterator[Provider]:
        """Return ONNX Runtime's CPU provider."""
        yield Provider("cpu", priority=10, precision=self._precision, open=_open)


def fastest_precision(instructions: frozenset[str]) -> Literal["int8", "float"]:
    """Return the precision that is fastest on a CPU with these instruction sets."""
    return "int8" if INT8_INSTRUCTIONS & instructions else "float"


def _open(file: Path, options: SessionOptions) -> Session:
    return open_onnx(file, ["CPUExecutionProvider"], options)
