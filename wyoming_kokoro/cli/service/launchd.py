"""The service under launchd, on macOS: of the system, or of one user. Not tried on a Mac."""

from __future__ import annotations

import math
import os
import plistlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from wyoming_kokoro.cli.service.plan import Command, Plan
from wyoming_kokoro.cli.service.program import Program
from wyoming_kokoro.cli.service.units import AFTER_DRAIN_SECONDS
from wyoming_kokoro.config import APP
from wyoming_kokoro.errors import StartupError

LABEL = "wyoming-kokoro"
NOT_RUNNING = 3


@dataclass(frozen=True, slots=True)
class Launchd:
    """The launchd of the system, or of the user who runs this."""

    of_user: bool
    home: Path
    uid: int
    """Of the user who runs this."""
    owner: str
    """The user that a service of the system runs as; empty for root."""

    def must_be_there(self) -> None:
        """Raise `StartupError`, with what to do, when the service cannot be installed."""
        if not self.of_user and self.uid != 0:
            raise StartupError("a service of the system is installed by root: use sudo, or --user for one of your own")

    def install(self, program: Program) -> Plan:
        """Return what makes `program` the service, now and after every boot, or every login."""
        start = Command(("launchctl", "bootstrap", self._domain, str(self._file)), advice=f"see {self._log}")
        stop = Command(("launchctl", "bootout", f"{self._domain}/{LABEL}"), may_fail=True)
        return Plan(before=(stop,), write={self._file: self.plist(program)}, after=(start,))

    def uninstall(self) -> Plan:
        """Return what takes the service away and leaves what it has kept."""
        stop = Command(("launchctl", "bootout", f"{self._domain}/{LABEL}"), may_fail=True)
        return Plan(before=(stop,), remove=(self._file,))

    def status(self) -> tuple[str, int]:
        """Return how the service does, for a person, and an exit code."""
        if not self._file.exists():
            return f"There is no {self._file}: `wyoming-kokoro service install` writes it", NOT_RUNNING
        show = ("launchctl", "print", f"{self._domain}/{LABEL}")
        told = subprocess.run(show, capture_output=True, text=True, check=False)
        page = f"{self._file}\n{told.stdout or told.stderr}Its log: {self._log}"
        return page, 0 if "state = running" in told.stdout else NOT_RUNNING

    def plist(self, program: Program) -> str:
        """Return the property list: launchd.plist(5)."""
        keys: dict[str, object] = {
            "Label": LABEL,
            "ProgramArguments": list(program.command),
            "RunAtLoad": True,
            "KeepAlive": {"SuccessfulExit": False},
            "ExitTimeOut": math.ceil(program.config.server.shutdown_grace_seconds) + AFTER_DRAIN_SECONDS,
            # A background process would be slowed down, and would speak in gaps.
            "ProcessType": "Interactive",
            "StandardErrorPath": str(self._log),
        }
        if not self.of_user and self.owner:
            keys["UserName"] = self.owner
        return plistlib.dumps(keys, sort_keys=False).decode()

    @property
    def journal(self) -> str:
        """The command that shows the log."""
        return f"tail -F {self._log}"

    @property
    def kept(self) -> tuple[Path, ...]:
        """Where the service keeps what was said and what was learned."""
        return platformdirs.user_cache_path(APP), platformdirs.user_state_path(APP)

    @property
    def hint(self) -> str:
        """What there is to know after the installation."""
        return "It runs while you are logged in." if self.of_user else "It runs from the boot on."

    @property
    def _domain(self) -> str:
        return f"gui/{self.uid}" if self.of_user else "system"

    @property
    def _file(self) -> Path:
        root = self.home / "Library/LaunchAgents" if self.of_user else Path("/Library/LaunchDaemons")
        return root / f"{LABEL}.plist"

    @property
    def _log(self) -> Path:
        root = self.home / "Library/Logs" if self.of_user else Path("/Library/Logs")
        return root / f"{LABEL}.log"


def this_launchd(of_user: bool) -> Launchd:
    """Return the launchd of this Mac."""
    return Launchd(of_user, Path.home(), os.getuid(), os.environ.get("SUDO_USER", ""))
