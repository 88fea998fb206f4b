"""What a plugin is given when it is made."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from wyoming_kokoro.settings import parse_settings
from wyoming_kokoro.storage import remembered_sha256

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PluginContext:
    """A plugin's name, its settings, its folders and its logger."""

    name: str
    """The entry point's name, which is also the name of its table: `[plugins.<name>]`."""
    cache_dir: Path
    """For what can be made again. It may not exist yet, and may be shared with another server."""
    state_dir: Path
    """For what cannot be made again. It may not exist yet."""
    log: logging.Logger
    table: Mapping[str, Any] = field(default_factory=dict)
    """The plugin's table as it stands in the configuration."""
    config_source: str = "config.toml"
    """The configuration file, for messages."""

    def settings(self, cls: type[T]) -> T:
        """Return the plugin's settings as the frozen dataclass `cls`.

        Raises `ConfigError` for unknown keys, wrong types and values out of range.
        """
        return parse_settings(cls, self.table, self.config_source, f"plugins.{self.name}")

    def sha256(self, file: Path) -> str:
        """Return the SHA-256 of `file` in hexadecimal; a file that did not change is read once.

        May take a second. Raises `OSError`.
        """
        return remembered_sha256(file, self.cache_dir)
