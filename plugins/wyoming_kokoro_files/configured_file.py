"""A model file that the configuration names."""

from __future__ import annotations

from pathlib import Path

from wyoming_kokoro import ModelFiles, ModelRequest, StartupError
from wyoming_kokoro_files.releases import RELEASE_FILES, Downloader


class ConfiguredFile:
    """Finds a path, or a downloaded file by its name."""

    name = "the configured file"

    def __init__(self, downloader: Downloader) -> None:
        self._downloader = downloader

    def find(self, request: ModelRequest) -> ModelFiles | None:
        """Return the named files, or None when no model is named. Raises `StartupError` when a file is missing."""
        if not request.path:
            return None
        return ModelFiles(self._locate(request.path, "model", request.may_download), self.find_voices(request))

    def find_voices(self, request: ModelRequest) -> Path | None:
        """Return the named voices file, or None when none is named. Raises `StartupError` when it is missing."""
        return self._locate(request.voices, "voices", request.may_download) if request.voices else None

    def _locate(self, name: str, kind: str, may_download: bool) -> Path:
        if release := RELEASE_FILES.get(name):
            if may_download:
                return self._downloader.download(release)
            file, advice = self._downloader.folder / release.name, f"get it with `wyoming-kokoro download {name}`"
        elif may_download:
            raise StartupError(f"no download is named {name!r}; choose one of: {', '.join(RELEASE_FILES)}")
        else:
            file, advice = Path(name).expanduser(), "check the path in the configuration"
        if not file.is_file():
            raise StartupError(f"the {kind} file {file} is missing; {advice}")
        return file
