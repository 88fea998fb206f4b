"""How a command adds itself to the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wyoming_kokoro.cli.overrides import add_options
from wyoming_kokoro.config import Config

if TYPE_CHECKING:
    SubParsers = argparse._SubParsersAction[argparse.ArgumentParser]

Run = Callable[[Config, argparse.Namespace], int]
"""Runs a command and returns its exit code."""


@dataclass(frozen=True, slots=True)
class Commands:
    """The commands of the program, or the actions of one command."""

    subparsers: SubParsers

    def add(self, name: str, description: str, run: Run, *, has_json: bool = False) -> argparse.ArgumentParser:
        """Add a command that accepts the settings, and `--json` if `has_json`."""
        parser = self.subparsers.add_parser(name, help=description, description=description.capitalize() + ".")
        # A setting before the command's name must survive, so an option that is not given sets nothing here.
        add_options(parser, argparse.SUPPRESS)
        if has_json:
            parser.add_argument("--json", action="store_true", help="print JSON")
        parser.set_defaults(run=run)
        return parser

    def add_group(self, name: str, description: str) -> Commands:
        """Add a command that consists of actions."""
        parser = self.subparsers.add_parser(name, help=description, description=description.capitalize() + ".")
        return Commands(parser.add_subparsers(title="actions", metavar="ACTION", required=True))
