"""`python -m wyoming_kokoro_supervisor`: start the server in the add-on, with the options of the add-on's page."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, NoReturn

import tomli_w

from wyoming_kokoro import ConfigError, parse_json, parse_toml
from wyoming_kokoro_supervisor.options import AddonOptions, build_config

OPTIONS_FILE = Path("/data/options.json")
"""Options of the add-on's page, written by the Supervisor."""
USER_CONFIG_FILE = Path("/config/config.toml")
"""Optional file for all other settings. Home Assistant shows its folder as `addon_configs/…_kokoro`."""
SERVER_CONFIG_FILE = Path("/data/config.toml")
"""Generated file that the server reads."""


def main() -> NoReturn:
    """Write the server's configuration and replace this process with the server.

    Exits with code 2 and an error message if the options or the user's file are invalid.
    """
    try:
        write_config(OPTIONS_FILE, USER_CONFIG_FILE, SERVER_CONFIG_FILE)
    except ConfigError as error:
        print(f"wyoming-kokoro: {error}", file=sys.stderr)  # noqa: T201 logging is not set up yet
        sys.exit(2)
    os.execv(sys.executable, [sys.executable, "-m", "wyoming_kokoro", "--config", str(SERVER_CONFIG_FILE)])  # noqa: S606


def write_config(options_file: Path, user_config: Path, server_config: Path) -> None:
    """Write `server_config` from the add-on's options and the user's own file. Raises `ConfigError`."""
    try:
        options = parse_json(options_file.read_bytes(), AddonOptions)
    except (OSError, ValueError) as error:
        raise ConfigError(str(options_file), "", f"cannot be read ({error}); save the add-on's options again") from None
    server_config.write_text(tomli_w.dumps(build_config(options, _read_toml(user_config))), "utf-8")


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return parse_toml(file.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigError(str(file), "", f"cannot be read ({error.strerror}); check its permissions") from None
    except ValueError as error:
        raise ConfigError(str(file), "", f"is not valid TOML: {error}") from None


if __name__ == "__main__":
    main()
