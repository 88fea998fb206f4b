"""`download`: get a published file by its name. Plugins know the files; the server never downloads."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from wyoming_kokoro.cli.parsers import Commands
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import StartupError
from wyoming_kokoro.terminal import format_table

if TYPE_CHECKING:
    from wyoming_kokoro.api.model_sources import Download

MAX_RETRIES = 2
CHUNK_BYTES = 1 << 16

log = logging.getLogger(__name__)


def add_parser(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add("download", "download a distilled voice, or another model file of kokoro-onnx", run)
    parser.add_argument("name", nargs="?", default="fp16", help="a name of --list, such as bf_emma; default: fp16")
    parser.add_argument("--list", action="store_true", help="list all files that can be downloaded")


def run(config: Config, options: argparse.Namespace) -> int:
    """Download the file, verify it, and print its path and what uses it. Raises `StartupError`."""
    from wyoming_kokoro.plugins.manager import PluginManager

    downloads = PluginManager.load(config).downloads()
    if options.list:
        print(format_downloads(downloads))
        return 0
    by_name = {item.name: item for item in downloads}
    if options.name not in by_name:
        raise StartupError(f"no download is named {options.name!r}; choose one of: {', '.join(by_name)}")
    download = by_name[options.name]
    fetch(download)
    print(f"{download.file} is verified.\nNext: {download.next_step}")
    return 0


def format_downloads(downloads: Sequence[Download]) -> str:
    """Return a table of all files."""
    rows = [[item.name, item.description, str(item.file) if item.file.is_file() else "no"] for item in downloads]
    return format_table(["name", "what", "downloaded"], rows)


def fetch(download: Download) -> None:
    """Download a file and verify it, unless it is stored already. Raises `StartupError`.

    pooch writes to a temporary file, and renames it when the SHA-256 is correct.
    """
    import pooch

    pooch.get_logger().setLevel(logging.WARNING)  # it would write the address to stderr, password included
    target = download.file
    progress = DownloadProgress(target.name)
    manager = pooch.create(
        target.parent,
        "",
        registry={target.name: download.sha256},
        urls={target.name: download.url},
        retry_if_failed=MAX_RETRIES,
    )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        manager.fetch(target.name, downloader=pooch.HTTPDownloader(progress, CHUNK_BYTES))
    except OSError as error:
        # The errors of the HTTP client have a response, which is None unless the server has answered.
        if not hasattr(error, "response"):
            from wyoming_kokoro.storage import explain_write_error

            problem = explain_write_error(error, "400 MB")
            raise StartupError(
                f"{target} cannot be written: {problem}, or choose another directory with --cache"
            ) from None
        answer = error.response
        reason = f"the server answers {answer.status_code} {answer.reason}" if answer is not None else error
        raise StartupError(
            f"{target.name} cannot be downloaded: {reason}; check the connection and download_url in the configuration,"
            f" or copy the file to {target}"
        ) from None
    except ValueError:
        raise StartupError(
            f"{target.name} is not the published file: its SHA-256 is not {download.sha256};"
            " run the command again, or check download_url in the configuration"
        ) from None


class DownloadProgress:
    """Logs every tenth of a download. pooch calls it like a progress bar."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._total = self._done = 0

    @property
    def total(self) -> int:
        """The length of the file in bytes; 0 if the server does not say it. pooch sets it when a try begins."""
        return self._total

    @total.setter
    def total(self, total: int) -> None:
        self._total, self._done = total, 0
        log.info("Downloading %s (%.0f MB)", self._name, total / 1e6)

    def update(self, size: int) -> None:
        """Count `size` more bytes."""
        before, self._done = self._done, min(self._done + size, self._total)
        if self._total and self._done * 10 // self._total > before * 10 // self._total:
            log.info("Downloading %s: %d%%", self._name, self._done * 100 // self._total)

    def reset(self) -> None:
        """Do nothing: the count never exceeds the total."""

    def close(self) -> None:
        """Do nothing: a log has no end."""
