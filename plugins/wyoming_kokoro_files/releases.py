"""The model files that kokoro-onnx publishes, and how they are downloaded."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from wyoming_kokoro import StartupError

RELEASE_URL = "https://github.com/thewh1teagle/kokoro-onnx/releases/download/model-files-v1.0"
MAX_RETRIES = 2
CHUNK_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """A published file."""

    name: str
    sha256: str


RELEASE_FILES: Mapping[str, ReleaseFile] = {
    "int8": ReleaseFile("kokoro-v1.0.int8.onnx", "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"),
    "fp16": ReleaseFile("kokoro-v1.0.fp16.onnx", "c1610a859f3bdea01107e73e50100685af38fff88f5cd8e5c56df109ec880204"),
    "fp32": ReleaseFile("kokoro-v1.0.onnx", "7d5df8ecf7d4b1878015a32686053fd0eebe2bc377234608764cc0ef3636a6c5"),
    "voices": ReleaseFile("voices-v1.0.bin", "bca610b8308e8d99f32e6fe4197e7ec01679264efed0cac9140fe9c29f1fbf7d"),
}
"""The files by the names that `wyoming-kokoro download` and the configuration use."""


@dataclass(frozen=True, slots=True)
class Downloader:
    """Downloads published files into a folder."""

    folder: Path
    url: str
    """The address of the folder with the published files."""
    log: logging.Logger

    def download(self, file: ReleaseFile) -> Path:
        """Return the verified file, after downloading it unless the folder has it. Raises `StartupError`.

        pooch writes to a temporary file, and renames it when the SHA-256 is correct.
        """
        import pooch  # noqa: PLC0415 slow

        pooch.get_logger().setLevel(logging.WARNING)  # it would write the address to stderr, password included
        manager = pooch.create(self.folder, self.url, registry={file.name: file.sha256}, retry_if_failed=MAX_RETRIES)
        progress = DownloadProgress(file.name, self.log)
        target = self.folder / file.name
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            manager.fetch(file.name, downloader=pooch.HTTPDownloader(progress, CHUNK_BYTES))
        except OSError as error:
            # The errors of the HTTP client have a response, which is None unless the server has answered.
            if not hasattr(error, "response"):
                reason = error.strerror or error
                raise StartupError(
                    f"{target} cannot be written: {reason}; free some space, or choose another directory with --cache"
                ) from None
            answer = error.response
            reason = f"the server answers {answer.status_code} {answer.reason}" if answer is not None else error
            raise StartupError(
                f"{file.name} cannot be downloaded: {reason}; check the connection and [plugins.files] download_url,"
                f" or copy the file to {target}"
            ) from None
        except ValueError:
            raise StartupError(
                f"{file.name} is not the published file: its SHA-256 is not {file.sha256};"
                " run the command again, or check [plugins.files] download_url"
            ) from None
        return target


class DownloadProgress:
    """Logs every tenth of a download. pooch calls it like a progress bar."""

    def __init__(self, name: str, log: logging.Logger) -> None:
        self._name, self._log = name, log
        self._total = self._done = 0

    @property
    def total(self) -> int:
        """The length of the file in bytes; 0 if the server does not say it. pooch sets it when a try begins."""
        return self._total

    @total.setter
    def total(self, total: int) -> None:
        self._total, self._done = total, 0
        self._log.info("Downloading %s (%.0f MB)", self._name, total / 1e6)

    def update(self, size: int) -> None:
        """Count `size` more bytes."""
        before, self._done = self._done, min(self._done + size, self._total)
        if self._total and self._done * 10 // self._total > before * 10 // self._total:
            self._log.info("Downloading %s: %d%%", self._name, self._done * 100 // self._total)

    def reset(self) -> None:
        """Do nothing: the count never exceeds the total."""

    def close(self) -> None:
        """Do nothing: a log has no end."""
