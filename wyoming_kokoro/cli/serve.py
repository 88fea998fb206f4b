"""`serve`: serve clients until a signal ends the process."""

from __future__ import annotations

import argparse
import os
import signal

from wyoming_kokoro.cli.overrides import given_settings
from wyoming_kokoro.cli.parsers import Commands
from wyoming_kokoro.cli.resource_limits import require_resources
from wyoming_kokoro.config import Config, load_config

STDIN = 0


def add_parser(commands: Commands) -> None:
    """Add the command."""
    commands.add("serve", "serve clients (the default)", run)


def run(config: Config, options: argparse.Namespace) -> int:
    """Serve, and read the configuration again when the process gets SIGHUP."""
    require_resources()
    early_signals: list[int] = []
    # In a terminal, SIGHUP ends the process.
    if not os.isatty(STDIN):
        # It would also end a server that cannot reload its configuration yet.
        signal.signal(signal.SIGHUP, lambda number, _: early_signals.append(number))
    import asyncio

    from wyoming_kokoro.server.lifecycle import serve
    from wyoming_kokoro.server.socket_activation import inherited_sockets

    def read_config() -> Config:
        return load_config(options.config, os.environ, given_settings(options))

    asyncio.run(serve(config, inherited_sockets(os.environ), read_config, early_signals))
    return 0
