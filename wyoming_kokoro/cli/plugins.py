"""The `plugins` command."""

from __future__ import annotations

import json
from dataclasses import asdict

from wyoming_kokoro.cli.table import table
from wyoming_kokoro.config import Config
from wyoming_kokoro.plugins.loader import LoadedPlugin
from wyoming_kokoro.plugins.manager import PluginManager


def plugins(config: Config, as_json: bool) -> str:
    """Return what became of every installed plugin."""
    loaded = PluginManager.load(config).loaded
    if as_json:
        return json.dumps([asdict(plugin) for plugin in loaded], indent=2)
    return table(["name", "from", "status", "hooks"], [_row(plugin) for plugin in loaded])


def _row(plugin: LoadedPlugin) -> list[str]:
    status = f"{plugin.status}: {plugin.reason}" if plugin.reason else plugin.status
    return [plugin.name, f"{plugin.distribution} {plugin.version}", status, " ".join(plugin.hooks)]
