"""The service under systemd: of the system, or of one user."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from wyoming_kokoro.cli.service.manager import ServiceManager, check_root
from wyoming_kokoro.cli.service.plan import Command, Plan
from wyoming_kokoro.cli.service.program import Program, check_system_access
from wyoming_kokoro.cli.service.unit_files import SERVICE, SOCKET, render_units
from wyoming_kokoro.config import APP
from wyoming_kokoro.errors import StartupError

SYSTEMD_RUN_DIRECTORY = Path("/run/systemd/system")
"""Exists where systemd runs: sd_booted(3)."""
STATUS_PROPERTIES = ("ActiveState", "SubState", "StatusText", "ActiveEnterTimestamp", "NRestarts", "MemoryCurrent")


@dataclass(frozen=True, slots=True)
class SystemdManager(ServiceManager):
    """The systemd of the system or of the current user."""

    def check_available(self) -> None:
        """Raise `StartupError` when this machine or this user cannot install units."""
        if not SYSTEMD_RUN_DIRECTORY.is_dir():
            raise StartupError("systemd is not running; use --dry-run to show the units for another machine")
        if not self.is_user_service:
            check_root()

    def install(self, program: Program) -> Plan:
        """Return the plan that runs `program` now and after each boot. Raises `StartupError`."""
        if not self.is_user_service:
            check_system_access(program)
        units = render_units(program, self.is_user_service)
        return Plan(
            write={self._unit_directory / name: text for name, text in units.items()},
            after=(
                self._systemctl("daemon-reload"),
                self._systemctl("enable", SOCKET, SERVICE),
                self._systemctl("restart", SOCKET, SERVICE, advice=f"see {self.log_command}"),
            ),
        )

    def uninstall(self) -> Plan:
        """Return the plan that stops and removes the service. It keeps the data directories."""
        stop = self._systemctl("disable", "--now", SOCKET, SERVICE, may_fail=True)
        remove = (self._unit_directory / SOCKET, self._unit_directory / SERVICE)
        return Plan(before=(stop,), remove=remove, after=(self._systemctl("daemon-reload"),))

    @property
    def service_file(self) -> Path:
        """The service unit."""
        return self._unit_directory / SERVICE

    @property
    def status_command(self) -> tuple[str, ...]:
        """The command that prints the state of the service."""
        return self._systemctl("show", SERVICE, "--property", ",".join(STATUS_PROPERTIES)).words

    @property
    def running_marker(self) -> str:
        """The text in the output of `status_command` when the service runs."""
        return "ActiveState=active"

    @property
    def log_command(self) -> str:
        """The command that shows the log."""
        return f"journalctl {'--user ' if self.is_user_service else ''}-u {SERVICE.partition('.')[0]}"

    @property
    def data_directories(self) -> tuple[Path, ...]:
        """The directories of the phrase cache and of the learned phrases."""
        if self.is_user_service:
            return platformdirs.user_cache_path(APP), platformdirs.user_state_path(APP)
        # Where DynamicUser= puts CacheDirectory= and StateDirectory=.
        return Path("/var/cache/private") / APP, Path("/var/lib/private") / APP

    @property
    def hint(self) -> str:
        """A sentence to print after the installation."""
        if self.is_user_service:
            return "It runs while you are logged in. `loginctl enable-linger` keeps it running after you log out."
        return "`systemctl reload wyoming-kokoro` applies changed settings."

    @property
    def _unit_directory(self) -> Path:
        user_config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
        return user_config / "systemd" / "user" if self.is_user_service else Path("/etc/systemd/system")

    def _systemctl(
        self, *words: str, may_fail: bool = False, advice: str = "check that systemctl works for you"
    ) -> Command:
        scope = ("--user",) if self.is_user_service else ()
        return Command(("systemctl", *scope, *words), may_fail, advice)
