"""Where the model's files come from: a path, a download, or the installed packages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from wyoming_kokoro import Download, ModelSource, PluginContext, hookimpl
from wyoming_kokoro_files.configured_file import ConfiguredFile
from wyoming_kokoro_files.packages import InstalledPackages
from wyoming_kokoro_files.releases import RELEASE_URL, release_downloads


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.files]`."""

    download_url: Annotated[str, Meta(pattern="^https?://.")] = RELEASE_URL
    """Where `wyoming-kokoro download` gets kokoro-onnx's files."""


class FilesPlugin:
    """Provides the model sources."""

    def __init__(self, context: PluginContext) -> None:
        self._context = context
        url = context.settings(Settings).download_url
        self._downloads = tuple(release_downloads(context.cache_dir / "downloads", url))

    @hookimpl
    def kokoro_downloads(self) -> Iterable[Download]:
        """Return kokoro-onnx's files."""
        return self._downloads

    @hookimpl
    def kokoro_model_sources(self) -> Iterator[ModelSource]:
        """Return the configured files, then the installed packages."""
        configured = ConfiguredFile(self._downloads)
        yield configured
        yield InstalledPackages(self._context, configured)
