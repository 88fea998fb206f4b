"""Run the model on the processor: the floor that always works."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wyoming_kokoro import PluginContext, Provider, Session, SessionOptions, hookimpl
from wyoming_kokoro.onnx import open_onnx


@dataclass(frozen=True, slots=True)
class NoSettings:
    """`[plugins.cpu]` has no keys of its own."""


class Cpu:
    """Brings the provider `cpu`."""

    def __init__(self, context: PluginContext) -> None:
        context.settings(NoSettings)

    @hookimpl
    def kokoro_providers(self) -> Iterator[Provider]:
        """Return ONNX Runtime's CPU provider."""
        yield Provider("cpu", rank=10, precision="int8", open=_open)


def _open(file: Path, options: SessionOptions) -> Session:
    return open_onnx(file, ["CPUExecutionProvider"], options)
