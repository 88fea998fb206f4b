"""What `wyoming-kokoro service install`, `uninstall` and `status` do and print."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from wyoming_kokoro.cli.service.launchd import this_launchd
from wyoming_kokoro.cli.service.plan import Plan
from wyoming_kokoro.cli.service.program import Program, this_program
from wyoming_kokoro.cli.service.systemd import Systemd
from wyoming_kokoro.config import Config


class Manager(Protocol):
    """Who runs services on this machine."""

    def must_be_there(self) -> None:
        """Raise `StartupError`, with what to do, when the service cannot be installed."""

    def install(self, program: Program) -> Plan:
        """Return what makes `program` the service. Raises `StartupError`."""

    def uninstall(self) -> Plan:
        """Return what takes the service away."""

    def status(self) -> tuple[str, int]:
        """Return how the service does, for a person, and an exit code."""

    @property
    def journal(self) -> str:
        """The command that shows the log."""

    @property
    def kept(self) -> tuple[Path, ...]:
        """Where the service keeps what was said and what was learned."""

    @property
    def hint(self) -> str:
        """What there is to know after the installation."""


def manager(of_user: bool) -> Manager:
    """Return who runs services here."""
    return this_launchd(of_user) if sys.platform == "darwin" else Systemd(of_user)


def install(there: Manager, config: Config, options: Sequence[str], is_dry: bool) -> str:
    """Install the service, or say what that would do. Raises `StartupError`."""
    if not is_dry:
        there.must_be_there()
    plan = there.install(this_program(config, options, os.environ))
    if is_dry:
        return plan.page
    plan.carry_out()
    written = "\n".join(f"Wrote {path}" for path in plan.write)
    return f"{written}\nThe service runs. Its log: {there.journal}\n{there.hint}"


def uninstall(there: Manager, is_dry: bool) -> str:
    """Take the service away, or say what that would do. Raises `StartupError`."""
    plan = there.uninstall()
    if is_dry:
        return plan.page
    there.must_be_there()
    plan.carry_out()
    kept = "\n".join(f"  {path}" for path in there.kept)
    return f"The service is removed. What it has kept is left; delete it to forget everything:\n{kept}"
