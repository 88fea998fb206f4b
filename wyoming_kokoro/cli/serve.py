"""`serve`: serve clients until a signal ends the process."""

from __future__ import annotations

import argparse
import asyncio
import os

from wyoming_kokoro.cli.overrides import given_settings
from wyoming_kokoro.cli.parsers import Commands
from wyoming_kokoro.config import Config, load


def add_parser(commands: Commands) -> None:
    """Add the command."""
    commands.add("serve", "serve clients (the default)", run)


def run(config: Config, options: argparse.Namespace) -> int:
    """Serve, and read the configuration again when the process gets SIGHUP."""
    from wyoming_kokoro.server.lifecycle import serve
    from wyoming_kokoro.server.socket_activation import inherited_sockets

    def read_config() -> Config:
        return load(options.config, os.environ, given_settings(options))

    asyncio.run(serve(config, inherited_sockets(os.environ), read_config))
    return 0
