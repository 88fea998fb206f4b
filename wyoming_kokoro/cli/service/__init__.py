"""Installs the server as a service of systemd or launchd.

It may import what `cli` may.
"""

from __future__ import annotations

import argparse

from wyoming_kokoro.cli.overrides import given_arguments
from wyoming_kokoro.cli.parsers import Commands
from wyoming_kokoro.config import Config


def add_parser(commands: Commands) -> None:
    """Add the command and its actions."""
    actions = commands.add_group("service", "run as a service of the system or of the user")
    install = actions.add("install", "install or update the service with the settings given here", run_install)
    uninstall = actions.add("uninstall", "remove the service; its cache and state stay", run_uninstall)
    status = actions.add("status", "show whether the service runs", run_status)
    for parser in (install, uninstall, status):
        parser.add_argument("--user", action="store_true", help="a service of the user, without root")
    for parser in (install, uninstall):
        parser.add_argument("--dry-run", action="store_true", help="only show what would be written and run")


def run_install(config: Config, options: argparse.Namespace) -> int:
    """Install the service and print what was done. Raises `StartupError`."""
    from wyoming_kokoro.cli.service.commands import install, manager

    print(install(manager(options.user), config, given_arguments(options), options.dry_run))
    return 0


def run_uninstall(_: Config, options: argparse.Namespace) -> int:
    """Remove the service and print what was done."""
    from wyoming_kokoro.cli.service.commands import manager, uninstall

    print(uninstall(manager(options.user), options.dry_run))
    return 0


def run_status(_: Config, options: argparse.Namespace) -> int:
    """Print whether the service runs."""
    from wyoming_kokoro.cli.service.commands import manager

    page, code = manager(options.user).status()
    print(page)
    return code
