"""What `wyoming-kokoro service install`, `uninstall` and `status` do and print."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from wyoming_kokoro.config import Config
from wyoming_kokoro.service.launchd import current_launchd
from wyoming_kokoro.service.plan import Plan
from wyoming_kokoro.service.program import Program, current_program
from wyoming_kokoro.service.systemd import SystemdManager


class ServiceManager(Protocol):
    """Who runs services on this machine."""

    def check_available(self) -> None:
        """Raise `StartupError`, with what to do, when the service cannot be installed."""

    def install(self, program: Program) -> Plan:
        """Return what makes `program` the service. Raises `StartupError`."""

    def uninstall(self) -> Plan:
        """Return what takes the service away."""

    def status(self) -> tuple[str, int]:
        """Return how the service does, for a person, and an exit code."""

    @property
    def log_command(self) -> str:
        """The command that shows the log."""

    @property
    def data_directories(self) -> tuple[Path, ...]:
        """Where the service keeps what was said and what was learned."""

    @property
    def hint(self) -> str:
        """What there is to know after the installation."""


def manager(is_user_service: bool) -> ServiceManager:
    """Return who runs services here."""
    return current_launchd(is_user_service) if sys.platform == "darwin" else SystemdManager(is_user_service)


def install(there: ServiceManager, config: Config, options: Sequence[str], is_dry: bool) -> str:
    """Install the service, or say what that would do. Raises `StartupError`."""
    if not is_dry:
        there.check_available()
    plan = there.install(current_program(config, options, os.environ))
    if is_dry:
        return plan.describe()
    plan.execute()
    written = "\n".join(f"Wrote {path}" for path in plan.write)
    return f"{written}\nThe service runs. Its log: {there.log_command}\n{there.hint}"


def uninstall(there: ServiceManager, is_dry: bool) -> str:
    """Take the service away, or say what that would do. Raises `StartupError`."""
    plan = there.uninstall()
    if is_dry:
        return plan.describe()
    there.check_available()
    plan.execute()
    kept = "\n".join(f"  {path}" for path in there.data_directories)
    return f"The service is removed. What it has kept is left; delete it to forget everything:\n{kept}"
