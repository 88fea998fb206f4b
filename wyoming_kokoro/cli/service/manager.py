"""The role of a service manager, and what systemd and launchd have in common."""

from __future__ import annotations

import os
import subprocess
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

from wyoming_kokoro.cli.service.plan import Plan
from wyoming_kokoro.cli.service.program import Program
from wyoming_kokoro.errors import StartupError

NOT_RUNNING = 3
"""Exit code of `service status` for a stopped service, the same as that of `systemctl status`."""


@dataclass(frozen=True, slots=True)
class ServiceManager(ABC):
    """Installs, removes and shows the service, either of the whole system or of one user."""

    is_user_service: bool

    @abstractmethod
    def check_available(self) -> None:
        """Raise `StartupError` when this machine or this user cannot install the service."""

    @abstractmethod
    def install(self, program: Program) -> Plan:
        """Return the plan that runs `program` now and after each boot or login. Raises `StartupError`."""

    @abstractmethod
    def uninstall(self) -> Plan:
        """Return the plan that stops and removes the service. It keeps the data directories."""

    @property
    @abstractmethod
    def service_file(self) -> Path:
        """The file that defines the service."""

    @property
    @abstractmethod
    def status_command(self) -> tuple[str, ...]:
        """The command that prints the state of the service."""

    @property
    @abstractmethod
    def running_marker(self) -> str:
        """The text in the output of `status_command` when the service runs."""

    @property
    @abstractmethod
    def log_command(self) -> str:
        """The command that shows the log."""

    @property
    @abstractmethod
    def data_directories(self) -> tuple[Path, ...]:
        """The directories of the phrase cache and of the learned phrases."""

    @property
    @abstractmethod
    def hint(self) -> str:
        """A sentence to print after the installation."""

    def status(self) -> tuple[str, int]:
        """Return a report on the service and an exit code: 0 or `NOT_RUNNING`."""
        if not self.service_file.exists():
            return f"not installed: {self.service_file} is missing; run `wyoming-kokoro service install`", NOT_RUNNING
        done = subprocess.run(self.status_command, capture_output=True, text=True, check=False)
        lines = [line for line in (done.stdout or done.stderr).splitlines() if line]
        report = "\n".join([str(self.service_file), *lines, f"Log: {self.log_command}"])
        return report, 0 if self.running_marker in done.stdout else NOT_RUNNING


def check_root() -> None:
    """Raise `StartupError` unless this process runs as root."""
    if os.geteuid() != 0:
        raise StartupError("a system service needs root; use sudo, or --user for a service of your own")
