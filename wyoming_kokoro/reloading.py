"""A new configuration for a running server: what holds at once, and what waits for a restart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from wyoming_kokoro.config import Config

FIXED = ("server.uri", "model.", "directories.", "plugins.", "plugins_required")
"""Keys, and beginnings of keys, that are read once: what they decide is opened when the server starts."""


def fixed_changes(before: Config, after: Config) -> list[str]:
    """Return the keys that differ and that only a restart can bring about; a plugin's whole table is one."""
    old, new = dict(_keys(asdict(before))), dict(_keys(asdict(after)))
    changed = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    return [key for key in changed if key.startswith(FIXED)]


def _keys(table: dict[str, Any], above: str = "") -> Iterator[tuple[str, object]]:
    for key, value in table.items():
        if isinstance(value, dict) and above != "plugins.":
            yield from _keys(value, f"{above}{key}.")
        else:
            yield above + key, value
