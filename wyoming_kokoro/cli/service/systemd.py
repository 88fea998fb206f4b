"""The service under systemd: of the system, or of one user."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from wyoming_kokoro.cli.service.manager import ServiceManager
from wyoming_kokoro.cli.service.plan import Command, Plan
from wyoming_kokoro.cli.service.program import Program, check_system_access
from wyoming_kokoro.cli.service.unit_files import SERVICE, SOCKET, render_units
from wyoming_kokoro.config import APP_NAME

STATUS_PROPERTIES = ("ActiveState", "SubState", "StatusText", "ActiveEnterTimestamp", "NRestarts", "MemoryCurrent")


def systemd(is_user_service: bool) -> ServiceManager:
    """Return the systemd of this machine or of the current user."""
    if is_user_service:
        systemctl: tuple[str, ...] = ("systemctl", "--user")
        folder = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"
        log_command = f"journalctl --user -u {APP_NAME}"
        data_directories = tuple(
            path(APP_NAME)
            for path in (platformdirs.user_cache_path, platformdirs.user_state_path, platformdirs.user_config_path)
        )
        hint = "It runs while you are logged in. `loginctl enable-linger` keeps it running after you log out."
    else:
        systemctl = ("systemctl",)
        folder = Path("/etc/systemd/system")
        log_command = f"journalctl -u {APP_NAME}"
        # DynamicUser= puts CacheDirectory= and StateDirectory= into private directories, and links to them.
        parents = ("/var/cache/private", "/var/cache", "/var/lib/private", "/var/lib", "/etc")
        data_directories = tuple(Path(path) / APP_NAME for path in parents)
        hint = "`systemctl reload wyoming-kokoro` applies changed settings."
    advice = "check that systemctl works for you"
    reload_units = Command((*systemctl, "daemon-reload"), advice=advice)

    def install(program: Program) -> Plan:
        if not is_user_service:
            check_system_access(program)
        units = render_units(program, is_user_service)
        enable = Command((*systemctl, "enable", SOCKET, SERVICE), advice=advice)
        restart = Command((*systemctl, "restart", SOCKET, SERVICE), advice=f"see {log_command}")
        return Plan((), {folder / name: text for name, text in units.items()}, (reload_units, enable, restart))

    stop = Command((*systemctl, "disable", "--now", SOCKET, SERVICE), may_fail=True)
    return ServiceManager(
        install=install,
        uninstall=Plan((stop,), {folder / SOCKET: None, folder / SERVICE: None}, (reload_units,)),
        service_file=folder / SERVICE,
        status_command=(*systemctl, "show", SERVICE, "--property", ",".join(STATUS_PROPERTIES)),
        running_marker="ActiveState=active",
        log_command=log_command,
        # `systemctl edit` writes the last one.
        data_directories=(*data_directories, folder / f"{SERVICE}.d"),
        hint=hint,
    )
