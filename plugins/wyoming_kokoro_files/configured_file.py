"""A model file that the configuration names."""

from __future__ import annotations

from pathlib import Path

from wyoming_kokoro import ModelFiles, ModelRequest, StartupError

DOWNLOAD_FILES = {
    "int8": "kokoro-v1.0.int8.onnx",
    "fp16": "kokoro-v1.0.fp16.onnx",
    "fp32": "kokoro-v1.0.onnx",
    "voices": "voices-v1.0.bin",
}
"""What `wyoming-kokoro download` calls the files it gets."""


class ConfiguredFile:
    """Finds a path, or the name of a download."""

    name = "the configured file"

    def __init__(self, downloads: Path) -> None:
        self._downloads = downloads

    def find(self, request: ModelRequest) -> ModelFiles | None:
        """Return the named files, or None when no model is named.

        Raises `StartupError` when a named file is not there.
        """
        if not request.path:
            return None
        return ModelFiles(self.locate(request.path, "model"), self.voices(request))

    def voices(self, request: ModelRequest) -> Path | None:
        """Return the named voices file, or None when none is named. Raises `StartupError`."""
        return self.locate(request.voices, "voices") if request.voices else None

    def locate(self, name: str, what: str) -> Path:
        """Return the file that `name` stands for. Raises `StartupError` with what to do."""
        if name in DOWNLOAD_FILES:
            file, advice = self._downloads / DOWNLOAD_FILES[name], f"get it with `wyoming-kokoro download {name}`"
        else:
            file, advice = Path(name).expanduser(), "check the path in the configuration"
        if not file.is_file():
            raise StartupError(f"the {what} file {file} is missing; {advice}")
        return file
