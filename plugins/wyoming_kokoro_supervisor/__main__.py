"""`python -m wyoming_kokoro_supervisor`: how the add-on starts the server, with the options of its page."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, NoReturn

import msgspec
import tomli_w

from wyoming_kokoro import ConfigError
from wyoming_kokoro_supervisor.options import AddonOptions, build_config

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

OPTIONS_FILE = Path("/data/options.json")
"""What the owner says on the add-on's page."""
USER_CONFIG_FILE = Path("/config/config.toml")
"""Everything else that the owner says, if anything; Home Assistant shows the folder as `addon_configs/…_kokoro`."""
SERVER_CONFIG_FILE = Path("/data/config.toml")
"""What the server reads."""


def main() -> NoReturn:
    """Write the configuration and become the server; or tell what is wrong with it, and exit with 2."""
    try:
        write_config(OPTIONS_FILE, USER_CONFIG_FILE, SERVER_CONFIG_FILE)
    except ConfigError as error:
        print(f"wyoming-kokoro: {error}", file=sys.stderr)  # noqa: T201 there is no log yet
        sys.exit(2)
    os.execv(sys.executable, [sys.executable, "-m", "wyoming_kokoro", "--config", str(SERVER_CONFIG_FILE)])  # noqa: S606


def write_config(options: Path, own: Path, made: Path) -> None:
    """Write the configuration `made` from the add-on's `options` and the owner's `own` file. Raises `ConfigError`."""
    try:
        said = msgspec.json.decode(options.read_bytes(), type=AddonOptions)
    except (OSError, msgspec.MsgspecError) as error:
        raise ConfigError(str(options), "", f"cannot be read ({error}); save the add-on's options again") from None
    made.write_text(tomli_w.dumps(build_config(said, _read(own))), "utf-8")


def _read(own: Path) -> dict[str, Any]:
    try:
        table: dict[str, Any] = tomllib.loads(own.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigError(str(own), "", f"cannot be read ({error.strerror}); check it") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(str(own), "", f"is not TOML: {error}") from None
    return table


if __name__ == "__main__":
    main()
