"""The argument of a plugin's constructor."""

from __future__ import annotations

import logging
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from wyoming_kokoro.errors import ConfigError
from wyoming_kokoro.settings import expand_path, parse_settings
from wyoming_kokoro.storage import find_crash, remembered_sha256

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NoSettings:
    """The settings of a plugin that has none."""


@dataclass(frozen=True, slots=True)
class PluginContext:
    """A plugin's name, settings, folders and logger."""

    name: str
    """The name of the entry point and of the table `[plugins.<name>]`."""
    cache_dir: Path
    """The folder for files that can be created again. It may not exist yet. Other plugins and servers may share it."""
    state_dir: Path
    """The folder for files that cannot be created again. It may not exist yet."""
    log: logging.Logger
    table: Mapping[str, Any] = field(default_factory=dict)
    """The plugin's table in the configuration, without the key `enabled`."""
    config_source: str = "config.toml"
    """The configuration file, for error messages."""

    def settings(self, cls: type[T]) -> T:
        """Return the plugin's table as the frozen dataclass `cls`.

        Raises `ConfigError` for unknown keys, wrong types and values out of range.
        """
        return parse_settings(cls, self.table, self.config_source, f"plugins.{self.name}")

    def expect_no_settings(self) -> None:
        """Raise `ConfigError` if the plugin's table has any key, for example a misspelt `enabled`."""
        self.settings(NoSettings)

    def read_secret(self, key: str, path: str) -> str:
        """Return the text of a file that only its owner may read. Raises `ConfigError` for the setting `key`."""
        file = expand_path(path)
        try:
            mode = file.stat().st_mode
            if stat.S_ISFIFO(mode):
                # It would block the start.
                reason = f"{file} is a pipe; use a file"
            elif mode & 0o077:
                reason = f"other users can read {file}; run chmod 600 {file}"
            else:
                return file.read_text("utf-8")
        except OSError as error:
            reason = f"cannot read {file}: {error.strerror}"
        except UnicodeDecodeError:
            reason = f"cannot read {file}: not UTF-8"
        raise ConfigError(self.config_source, f"plugins.{self.name}.{key}", reason)

    def sha256(self, file: Path) -> str:
        """Return the SHA-256 of `file` in hexadecimal. An unchanged file is read only once.

        Blocks, for a second or more with a large file. Raises `OSError`.
        """
        return remembered_sha256(file, self.cache_dir)

    def find_crash(self, module: str, *arguments: str, files: Iterable[Path]) -> str:
        """Return how `python -m module` ends a child process, or an empty text if it ends well.

        For native code, which ends the server if its data is damaged. The module runs once for each state of `files`,
        which may be folders. Blocks.
        """
        return find_crash(module, *arguments, files=files, cache_dir=self.cache_dir)
