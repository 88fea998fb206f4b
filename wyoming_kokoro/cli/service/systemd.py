"""The service under systemd: of the system, or of one user."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from wyoming_kokoro.cli.service.plan import Command, Plan
from wyoming_kokoro.cli.service.program import Program, refuse_what_a_system_service_cannot_see
from wyoming_kokoro.cli.service.units import SERVICE, SOCKET, units
from wyoming_kokoro.config import APP
from wyoming_kokoro.errors import StartupError

BOOTED = Path("/run/systemd/system")
"""Is there where systemd runs: sd_booted(3)."""
SHOWN = ("ActiveState", "SubState", "StatusText", "ActiveEnterTimestamp", "NRestarts", "MemoryCurrent")
NOT_RUNNING = 3
"""The exit code of `status`, as that of `systemctl status`."""


@dataclass(frozen=True, slots=True)
class Systemd:
    """The manager of the system, or of the user who runs this."""

    of_user: bool

    def must_be_there(self) -> None:
        """Raise `StartupError`, with what to do, when units cannot be installed."""
        if not BOOTED.is_dir():
            raise StartupError("systemd does not run here; --dry-run shows the units, for another machine")
        if not self.of_user and os.geteuid() != 0:
            raise StartupError("a service of the system is installed by root: use sudo, or --user for one of your own")

    def install(self, program: Program) -> Plan:
        """Return what makes `program` the service, now and after every boot. Raises `StartupError`."""
        if not self.of_user:
            refuse_what_a_system_service_cannot_see(program)
        texts = {self._folder / name: text for name, text in units(program, self.of_user).items()}
        after = (
            self._systemctl("daemon-reload"),
            self._systemctl("enable", SOCKET, SERVICE),
            self._systemctl("restart", SOCKET, SERVICE, advice=f"see {self.journal}"),
        )
        return Plan(write=texts, after=after)

    def uninstall(self) -> Plan:
        """Return what takes the service away and leaves what it has kept."""
        stop = self._systemctl("disable", "--now", SOCKET, SERVICE, may_fail=True)
        remove = (self._folder / SOCKET, self._folder / SERVICE)
        return Plan(before=(stop,), remove=remove, after=(self._systemctl("daemon-reload"),))

    def status(self) -> tuple[str, int]:
        """Return how the service does, for a person, and an exit code."""
        unit = self._folder / SERVICE
        if not unit.exists():
            return f"There is no {unit}: `wyoming-kokoro service install` writes it", NOT_RUNNING
        show = self._systemctl("show", SERVICE, "--property", ",".join(SHOWN)).words
        told = subprocess.run(show, capture_output=True, text=True, check=False)
        lines = [f"{unit}", *(told.stdout or told.stderr).split("\n"), f"Its log: {self.journal}"]
        return "\n".join(filter(None, lines)), 0 if "ActiveState=active" in told.stdout else NOT_RUNNING

    @property
    def journal(self) -> str:
        """The command that shows the log."""
        return f"journalctl {'--user ' if self.of_user else ''}-u {SERVICE.partition('.')[0]}"

    @property
    def kept(self) -> tuple[Path, ...]:
        """Where the service keeps what was said and what was learned."""
        if self.of_user:
            return platformdirs.user_cache_path(APP), platformdirs.user_state_path(APP)
        return Path("/var/cache/private") / APP, Path("/var/lib/private") / APP

    @property
    def hint(self) -> str:
        """What there is to know after the installation."""
        if self.of_user:
            return "It runs while you are logged in; `loginctl enable-linger` lets it run always."
        return "`systemctl reload wyoming-kokoro` reads the settings again."

    @property
    def _folder(self) -> Path:
        user = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
        return user / "systemd" / "user" if self.of_user else Path("/etc/systemd/system")

    def _systemctl(self, *words: str, may_fail: bool = False, advice: str = "is systemd there for you?") -> Command:
        scope = ("--user",) if self.of_user else ()
        return Command(("systemctl", *scope, *words), may_fail, advice)
