"""Run the model on one CPU thread: an example of a provider."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from wyoming_kokoro import PluginContext, Provider, Session, SessionOptions, hookimpl
from wyoming_kokoro.onnx import open_onnx


@dataclass(frozen=True)
class Settings:
    """`[plugins.single_thread]`."""

    priority: int = 5
    """Lower than 10, the priority of the built-in provider `cpu`."""


class SingleThreadPlugin:
    """Provides ONNX Runtime with one thread."""

    def __init__(self, context: PluginContext) -> None:
        self._priority = context.settings(Settings).priority

    @hookimpl
    def kokoro_providers(self) -> Iterator[Provider]:
        """Return the provider. The server compares it with the built-in one in the background."""
        yield Provider("single-thread", priority=self._priority, precision="float", open=_open, opens_quickly=False)


def _open(file: Path, options: SessionOptions) -> Session:
    return open_onnx(file, ["CPUExecutionProvider"], replace(options, threads=1))
