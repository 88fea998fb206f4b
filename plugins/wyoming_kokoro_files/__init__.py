"""Where the model's files come from: a path, a download, or the installed packages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from wyoming_kokoro import ModelSource, PluginContext, hookimpl
from wyoming_kokoro_files.configured_file import ConfiguredFile
from wyoming_kokoro_files.packages import InstalledPackages
from wyoming_kokoro_files.releases import RELEASE_URL, Downloader


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.files]`."""

    download_url: Annotated[str, Meta(pattern="^https?://.")] = RELEASE_URL
    """Where `wyoming-kokoro download` gets kokoro-onnx's files."""


class FilesPlugin:
    """Provides the model sources."""

    def __init__(self, context: PluginContext) -> None:
        self._context = context
        self._url = context.settings(Settings).download_url

    @hookimpl
    def kokoro_model_sources(self) -> Iterator[ModelSource]:
        """Return the configured files, then the installed packages."""
        downloader = Downloader(self._context.cache_dir / "downloads", self._url, self._context.log)
        configured = ConfiguredFile(downloader)
        yield configured
        yield InstalledPackages(self._context, configured)
