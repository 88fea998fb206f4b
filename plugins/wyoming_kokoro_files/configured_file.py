"""A model file that the configuration names."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from wyoming_kokoro import Download, ModelFiles, ModelRequest, StartupError, expand_path


class ConfiguredFile:
    """Finds a path, or a downloaded file by its name."""

    name = "the configured file"

    def __init__(self, downloads: Iterable[Download]) -> None:
        self._downloads = {download.name: download.file for download in downloads}

    def find(self, request: ModelRequest) -> ModelFiles | None:
        """Return the named files, or None when no model is named. Raises `StartupError` when a file is missing."""
        if not request.path:
            return None
        return ModelFiles(self._locate(request.path, "model"), self.find_voices(request))

    def find_voices(self, request: ModelRequest) -> Path | None:
        """Return the named voices file, or None when none is named. Raises `StartupError` when it is missing."""
        return self._locate(request.voices, "voices") if request.voices else None

    def _locate(self, name: str, kind: str) -> Path:
        file, advice = expand_path(name), "check the path in the configuration"
        if name in self._downloads:
            file, advice = self._downloads[name], f"get it with `wyoming-kokoro download {name}`"
        if not file.is_file():
            problem = "is a directory" if file.is_dir() else "is missing"
            raise StartupError(f"the {kind} file {file} {problem}; {advice}")
        return file
