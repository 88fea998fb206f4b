"""Run the model on the processor: the floor that always works."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from wyoming_kokoro import PluginContext, Provider, Session, SessionOptions, hookimpl
from wyoming_kokoro.onnx import open_onnx
from wyoming_kokoro_cpu.processor import multiplies_bytes


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.cpu]`."""

    precision: Literal["auto", "int8", "float"] = "auto"
    """`auto` takes int8 where the processor multiplies bytes faster than floats (AVX2, dot product)."""


class Cpu:
    """Brings the provider `cpu`."""

    def __init__(self, context: PluginContext) -> None:
        precision = context.settings(Settings).precision
        self._precision = ("int8" if multiplies_bytes() else "float") if precision == "auto" else precision

    @hookimpl
    def kokoro_providers(self) -> Iterator[Provider]:
        """Return ONNX Runtime's CPU provider."""
        yield Provider("cpu", priority=10, precision=self._precision, open=_open)


def _open(file: Path, options: SessionOptions) -> Session:
    return open_onnx(file, ["CPUExecutionProvider"], options)
