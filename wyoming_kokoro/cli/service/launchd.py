"""The service under launchd, on macOS: of the system, or of one user. Not tested on a Mac yet."""

from __future__ import annotations

import math
import os
import plistlib
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from wyoming_kokoro.cli.service.manager import ServiceManager, check_root
from wyoming_kokoro.cli.service.plan import Command, Plan
from wyoming_kokoro.cli.service.program import Program
from wyoming_kokoro.cli.service.unit_files import SHUTDOWN_MARGIN_SECONDS
from wyoming_kokoro.config import APP

LABEL = "wyoming-kokoro"


@dataclass(frozen=True, slots=True)
class LaunchdManager(ServiceManager):
    """The launchd of the system or of the current user."""

    home: Path
    uid: int
    """The ID of the current user."""
    owner: str
    """The user that runs a system service. Empty: root."""

    def check_available(self) -> None:
        """Raise `StartupError` when this user cannot install the service."""
        if not self.is_user_service:
            check_root()

    def install(self, program: Program) -> Plan:
        """Return the plan that runs `program` now and after each boot or login."""
        start = Command(("launchctl", "bootstrap", self._domain, str(self.service_file)), advice=f"see {self._log}")
        return Plan(before=(self._stop,), write={self.service_file: self.plist(program)}, after=(start,))

    def uninstall(self) -> Plan:
        """Return the plan that stops and removes the service. It keeps the data directories."""
        return Plan(before=(self._stop,), remove=(self.service_file,))

    def plist(self, program: Program) -> str:
        """Return the property list: launchd.plist(5)."""
        keys: dict[str, object] = {
            "Label": LABEL,
            "ProgramArguments": list(program.command),
            "RunAtLoad": True,
            "KeepAlive": {"SuccessfulExit": False},
            "ExitTimeOut": math.ceil(program.config.server.shutdown_grace_seconds) + SHUTDOWN_MARGIN_SECONDS,
            # macOS throttles background processes, which would cause gaps in the speech.
            "ProcessType": "Interactive",
            "StandardErrorPath": str(self._log),
        }
        if not self.is_user_service and self.owner:
            keys["UserName"] = self.owner
        return plistlib.dumps(keys, sort_keys=False).decode()

    @property
    def service_file(self) -> Path:
        """The property list."""
        root = self.home / "Library/LaunchAgents" if self.is_user_service else Path("/Library/LaunchDaemons")
        return root / f"{LABEL}.plist"

    @property
    def status_command(self) -> tuple[str, ...]:
        """The command that prints the state of the service."""
        return ("launchctl", "print", f"{self._domain}/{LABEL}")

    @property
    def running_marker(self) -> str:
        """The text in the output of `status_command` when the service runs."""
        return "state = running"

    @property
    def log_command(self) -> str:
        """The command that shows the log."""
        return f"tail -F {self._log}"

    @property
    def data_directories(self) -> tuple[Path, ...]:
        """The directories of the phrase cache and of the learned phrases."""
        return platformdirs.user_cache_path(APP), platformdirs.user_state_path(APP)

    @property
    def hint(self) -> str:
        """A sentence to print after the installation."""
        return "It runs while you are logged in." if self.is_user_service else "It starts at boot."

    @property
    def _stop(self) -> Command:
        return Command(("launchctl", "bootout", f"{self._domain}/{LABEL}"), may_fail=True)

    @property
    def _domain(self) -> str:
        return f"gui/{self.uid}" if self.is_user_service else "system"

    @property
    def _log(self) -> Path:
        root = self.home / "Library/Logs" if self.is_user_service else Path("/Library/Logs")
        return root / f"{LABEL}.log"


def current_launchd(is_user_service: bool) -> LaunchdManager:
    """Return the launchd of this Mac."""
    return LaunchdManager(is_user_service, Path.home(), os.getuid(), os.environ.get("SUDO_USER", ""))
