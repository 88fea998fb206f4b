"""Where the model's files come from: a path, a download, or the installed packages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wyoming_kokoro import ModelSource, PluginContext, hookimpl
from wyoming_kokoro_files.configured_file import ConfiguredFile
from wyoming_kokoro_files.packages import InstalledPackages


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.files]` has no keys of its own."""


class FilesPlugin:
    """Brings the model sources."""

    def __init__(self, context: PluginContext) -> None:
        context.settings(Settings)
        self._context = context

    @hookimpl
    def kokoro_model_sources(self) -> Iterator[ModelSource]:
        """Return what the configuration names, then what is installed."""
        yield ConfiguredFile(self._context.cache_dir / "downloads")
        yield InstalledPackages(self._context)
