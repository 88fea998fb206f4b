"""What the service managers systemd and launchd have in common."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from wyoming_kokoro.cli.service.plan import Plan
from wyoming_kokoro.cli.service.program import Program
from wyoming_kokoro.errors import StartupError

NOT_RUNNING = 3
"""Exit code of `service status` for a stopped service, the same as that of `systemctl status`."""
SYSTEMD_RUN_DIRECTORY = Path("/run/systemd/system")
"""Exists where systemd runs: sd_booted(3)."""


@dataclass(frozen=True, slots=True)
class ServiceManager:
    """Installs, removes and shows the service, either of the whole system or of one user."""

    install: Callable[[Program], Plan]
    """Returns the plan that runs a program now and after each boot or login. Raises `StartupError`."""
    uninstall: Plan
    """Stops and removes the service, and keeps the data directories."""
    service_file: Path
    status_command: tuple[str, ...]
    running_marker: str
    """The text in the output of `status_command` when the service runs."""
    log_command: str
    data_directories: tuple[Path, ...]
    """The directories of the phrase cache, of the learned phrases and of the configuration, with links to them."""
    hint: str
    """A sentence to print after the installation."""

    def remaining_directories(self) -> list[Path]:
        """Return the data directories that exist, and links without a target."""
        return [path for path in self.data_directories if path.exists() or path.is_symlink()]

    def status(self) -> tuple[str, int]:
        """Return a report on the service and an exit code: 0 or `NOT_RUNNING`."""
        if not self.service_file.exists():
            return f"not installed: {self.service_file} is missing; run `wyoming-kokoro service install`", NOT_RUNNING
        done = subprocess.run(self.status_command, capture_output=True, text=True, check=False)
        lines = [line for line in (done.stdout or done.stderr).splitlines() if line]
        report = "\n".join([str(self.service_file), *lines, f"Log: {self.log_command}"])
        return report, 0 if self.running_marker in done.stdout else NOT_RUNNING


def check_available(is_user_service: bool) -> None:
    """Raise `StartupError` when this machine or this user cannot install the service."""
    if sys.platform != "darwin" and not SYSTEMD_RUN_DIRECTORY.is_dir():
        raise StartupError("systemd is not running; use --dry-run to show the units for another machine")
    if not is_user_service and os.geteuid() != 0:
        raise StartupError("a system service needs root; use sudo, or --user for a service of your own")
