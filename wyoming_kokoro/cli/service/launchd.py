"""The service under launchd, on macOS: of the system, or of one user. Not tested on a Mac yet."""

from __future__ import annotations

import math
import os
import plistlib
from pathlib import Path

import platformdirs

from wyoming_kokoro.cli.service.manager import ServiceManager
from wyoming_kokoro.cli.service.plan import Command, Plan
from wyoming_kokoro.cli.service.program import SHUTDOWN_MARGIN_SECONDS, Program
from wyoming_kokoro.config import APP_NAME

LABEL = "wyoming-kokoro"


def launchd(is_user_service: bool) -> ServiceManager:
    """Return the launchd of this Mac or of the current user."""
    domain = f"gui/{os.getuid()}" if is_user_service else "system"
    library = Path.home() / "Library" if is_user_service else Path("/Library")
    file = library / ("LaunchAgents" if is_user_service else "LaunchDaemons") / f"{LABEL}.plist"
    log = library / "Logs" / f"{LABEL}.log"
    # A system service runs as the user that called sudo. launchd runs it as root if there is none.
    owner = "" if is_user_service else os.environ.get("SUDO_USER", "")
    stop = Command(("launchctl", "bootout", f"{domain}/{LABEL}"), may_fail=True)
    start = Command(("launchctl", "bootstrap", domain, str(file)), advice=f"see {log}")
    return ServiceManager(
        install=lambda program: Plan((stop,), {file: render_plist(program, log, owner)}, (start,)),
        uninstall=Plan((stop,), {file: None}),
        service_file=file,
        status_command=("launchctl", "print", f"{domain}/{LABEL}"),
        running_marker="state = running",
        log_command=f"tail -F {log}",
        data_directories=tuple(
            path(APP_NAME)
            for path in (platformdirs.user_cache_path, platformdirs.user_state_path, platformdirs.user_config_path)
        ),
        hint="It runs while you are logged in." if is_user_service else "It starts at boot.",
    )


def render_plist(program: Program, log: Path, owner: str) -> str:
    """Return the property list: launchd.plist(5)."""
    keys: dict[str, object] = {
        "Label": LABEL,
        "ProgramArguments": list(program.command),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ExitTimeOut": math.ceil(program.config.server.shutdown_grace_seconds) + SHUTDOWN_MARGIN_SECONDS,
        # macOS throttles background processes, which would cause gaps in the speech.
        "ProcessType": "Interactive",
        # Every connection takes a descriptor. By default launchd allows 256.
        "SoftResourceLimits": {"NumberOfFiles": 4096},
        "StandardErrorPath": str(log),
    }
    if owner:
        keys["UserName"] = owner
    return plistlib.dumps(keys, sort_keys=False).decode()
