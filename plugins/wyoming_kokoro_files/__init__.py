"""Where the model's files come from: a path, a download, or the installed packages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wyoming_kokoro import ModelSource, PluginContext, hookimpl
from wyoming_kokoro_files.named import NamedFile
from wyoming_kokoro_files.packages import Packages


@dataclass(frozen=True, slots=True)
class NoSettings:
    """`[plugins.files]` has no keys of its own."""


class Files:
    """Brings the model sources."""

    def __init__(self, context: PluginContext) -> None:
        context.settings(NoSettings)
        self._context = context

    @hookimpl
    def kokoro_model_sources(self) -> Iterator[ModelSource]:
        """Return what the configuration names, then what is installed."""
        yield NamedFile(self._context.cache_dir / "downloads")
        yield Packages(self._context)
