"""Installs the server as a service of systemd or launchd.

It may import what `cli` may.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from wyoming_kokoro.cli.overrides import given_arguments
from wyoming_kokoro.cli.parsers import Commands
from wyoming_kokoro.config import Config

if TYPE_CHECKING:
    from wyoming_kokoro.cli.service.manager import ServiceManager


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
    """Install the service, or print the plan in a dry run. Raises `StartupError`."""
    from wyoming_kokoro.cli.service.manager import check_available
    from wyoming_kokoro.cli.service.program import current_program, find_changeable

    manager = _manager(options.user)
    if not options.dry_run:
        check_available(options.user)
    program = current_program(config, given_arguments(options), os.environ)
    plan = manager.install(program)
    if not options.user and (path := find_changeable(program)):
        print(f"Warning: users other than root can change {path}, and so what this service runs.", file=sys.stderr)
    if options.dry_run:
        print(plan.describe())
        return 0
    plan.execute()
    for path in plan.files:
        print(f"Wrote {path}")
    print(f"The service is running. Log: {manager.log_command}\n{manager.hint}")
    return 0


def run_uninstall(_: Config, options: argparse.Namespace) -> int:
    """Stop and remove the service, or print the plan in a dry run. Raises `StartupError`."""
    from wyoming_kokoro.cli.service.manager import check_available

    manager = _manager(options.user)
    if options.dry_run:
        print(manager.uninstall.describe())
        return 0
    check_available(options.user)
    manager.uninstall.execute()
    print("The service is removed.")
    if kept := manager.remaining_directories():
        print("Its data and settings are kept; delete these directories to remove them:")
        print(*(f"  {path}" for path in kept), sep="\n")
    return 0


def run_status(_: Config, options: argparse.Namespace) -> int:
    """Print whether the service runs."""
    report, code = _manager(options.user).status()
    print(report)
    return code


def _manager(is_user_service: bool) -> ServiceManager:
    """Return the service manager of this platform."""
    if sys.platform == "darwin":
        from wyoming_kokoro.cli.service.launchd import launchd as manager
    else:
        from wyoming_kokoro.cli.service.systemd import systemd as manager
    return manager(is_user_service)
