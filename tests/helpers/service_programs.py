"""Programs for tests of services."""

from __future__ import annotations

from pathlib import Path

from wyoming_kokoro.cli.service.program import Program
from wyoming_kokoro.config import Config, ServerConfig


def program(uri: str = "tcp://:10200", *directories: Path, command: str = "/bin/true") -> Program:
    return Program((command, "serve"), Config(server=ServerConfig(uri)), directories)
