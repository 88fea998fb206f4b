"""The actions `install` and `uninstall` of `wyoming-kokoro service`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from wyoming_kokoro.cli.service.launchd import current_launchd
from wyoming_kokoro.cli.service.manager import ServiceManager
from wyoming_kokoro.cli.service.program import current_program
from wyoming_kokoro.cli.service.systemd import SystemdManager
from wyoming_kokoro.config import Config


def manager(is_user_service: bool) -> ServiceManager:
    """Return the service manager of this platform."""
    return current_launchd(is_user_service) if sys.platform == "darwin" else SystemdManager(is_user_service)


def install(service_manager: ServiceManager, config: Config, options: Sequence[str], is_dry_run: bool) -> str:
    """Install the service with the command line's `options`, and return a report. Raises `StartupError`.

    A dry run changes nothing and returns the plan.
    """
    if not is_dry_run:
        service_manager.check_available()
    plan = service_manager.install(current_program(config, options, os.environ))
    if is_dry_run:
        return plan.describe()
    plan.execute()
    written = "\n".join(f"Wrote {path}" for path in plan.write)
    return f"{written}\nThe service is running. Log: {service_manager.log_command}\n{service_manager.hint}"


def uninstall(service_manager: ServiceManager, is_dry_run: bool) -> str:
    """Stop and remove the service, and return a report. Raises `StartupError`.

    A dry run changes nothing and returns the plan.
    """
    plan = service_manager.uninstall()
    if is_dry_run:
        return plan.describe()
    service_manager.check_available()
    plan.execute()
    directories = "\n".join(f"  {path}" for path in service_manager.data_directories)
    return f"The service is removed. Its data is kept; delete these directories to remove it:\n{directories}"
