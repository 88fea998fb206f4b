"""`plugins`: list the installed plugins."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from wyoming_kokoro.cli.parsers import Commands
from wyoming_kokoro.config import Config
from wyoming_kokoro.terminal import format_table


def add_parser(commands: Commands) -> None:
    """Add the command."""
    commands.add("plugins", "list installed plugins and their status", run, has_json=True)


def run(config: Config, options: argparse.Namespace) -> int:
    """Print each plugin with its status and its hooks."""
    from wyoming_kokoro.plugins.manager import PluginManager

    manager = PluginManager.load(config)
    if options.json:
        print(json.dumps([asdict(plugin) for plugin in manager.loaded], indent=2))
    else:
        rows = [
            [item.name, f"{item.distribution} {item.version}", manager.statuses[item.name], " ".join(item.hooks)]
            for item in manager.loaded
        ]
        print(format_table(["name", "from", "status", "hooks"], rows))
    return 0
