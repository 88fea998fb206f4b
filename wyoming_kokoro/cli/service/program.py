"""The program of a service: its command line and the directories that it reads."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from wyoming_kokoro.config import ENVIRONMENT, Config
from wyoming_kokoro.errors import StartupError

PROTECTED_HOMES = (Path("/home"), Path("/root"), Path("/run/user"))
"""The directories that `ProtectHome=` hides: systemd.exec(5)."""
PRIVATE_DIRECTORIES = (Path("/tmp"), Path("/var/tmp"))  # noqa: S108 nothing is written there
"""The directories that `PrivateTmp=` replaces."""
SHUTDOWN_MARGIN_SECONDS = 20
"""Time to close connections, the model and the caches after the last stream has ended."""
WRITE_BY_OTHERS = 0o022
READ_AND_SEARCH = 0o005
"""Read and search permission for other users."""


@dataclass(frozen=True, slots=True)
class Program:
    """The program that a service runs."""

    command: tuple[str, ...]
    config: Config
    directories: tuple[Path, ...]
    """The directories of its code and its models. None contains another."""


def current_program(config: Config, options: Sequence[str], environment: Mapping[str, str]) -> Program:
    """Return the running program as a server with the command line's `options`.

    Raises `StartupError` for settings in `environment`, because the service would not get them.
    """
    ignored = sorted(set(environment) & set(ENVIRONMENT))
    if ignored:
        raise StartupError(
            f"the service would ignore the environment variable {ignored[0]}; unset it and use an option or config.toml"
        )
    script = Path(sys.executable).absolute().with_name("wyoming-kokoro")
    start = (str(script),) if script.is_file() else (sys.executable, "-m", "wyoming_kokoro")
    files = [Path(path).absolute() for path in (config.model.path, config.model.voices) if path]
    models = [path.parent for path in files if path.is_file()]
    return Program((*start, "serve", *options), config, outermost([*_code_directories(), *models]))


def check_system_access(program: Program) -> None:
    """Raise `StartupError` when `program` needs files that a system service cannot read or write."""
    config = program.config
    source = Path(config.source)
    # Without a file, the source is a text. A link is as hidden as its target.
    sources = (source, source.resolve()) if source.is_absolute() else ()
    if any(map(is_in_home, sources)):
        target = "/etc/wyoming-kokoro/config.toml"
        raise StartupError(f"a system service cannot read {source}; move it to {target}, or use --user")
    if config.directories.cache or config.directories.state:
        raise StartupError(
            "a system service uses /var/cache/wyoming-kokoro and /var/lib/wyoming-kokoro; "
            "remove the settings in [directories], or use --user"
        )
    for needed in (*sources, *program.directories):
        if any(needed.is_relative_to(private) for private in PRIVATE_DIRECTORIES):
            raise StartupError(f"a system service cannot see {needed}; move it out of /tmp and /var/tmp, or use --user")
    for directory in program.directories:
        # systemd binds directories of a home into the service, so the permissions of the home itself do not matter.
        path = (directory,) if is_in_home(directory) else (directory, *directory.parents)
        if unreadable := next((step for step in path if not _is_readable(step)), None):
            raise StartupError(
                f"a system service cannot read {unreadable}; run `chmod o+rx {unreadable}`, or use --user"
            )


def find_changeable(program: Program) -> Path | None:
    """Return the first directory of the program, or above it, that other users than root can change, or None."""
    for directory in program.directories:
        for path in (directory, *directory.parents):
            with suppress(OSError):
                state = path.stat()
                # Users cannot replace the files of others in a directory such as /tmp.
                is_shared = state.st_mode & WRITE_BY_OTHERS and not state.st_mode & stat.S_ISVTX
                if state.st_uid != 0 or is_shared:
                    return path
    return None


def is_in_home(path: Path) -> bool:
    """Return whether `ProtectHome=` hides `path` from a service."""
    return any(path.is_relative_to(home) for home in PROTECTED_HOMES)


def outermost(directories: Iterable[Path]) -> tuple[Path, ...]:
    """Return `directories`, sorted, without those that are inside another."""
    found: list[Path] = []
    for directory in sorted(set(directories)):
        if not any(directory.is_relative_to(outer) for outer in found):
            found.append(directory)
    return tuple(found)


def _code_directories() -> list[Path]:
    """Return the directories of Python, of its packages, and of the sources of editable installations."""
    imported = [Path(entry) for entry in sys.path if entry]
    sources = [entry for entry in imported if entry.is_absolute() and entry.is_dir() and entry != Path.cwd()]
    package_parent = Path(__file__).parents[3]
    directories = [Path(sys.prefix), Path(sys.base_prefix), package_parent, *sources]
    # A link may lead out of the directories that a service can see.
    return [*directories, *(directory.resolve() for directory in directories)]


def _is_readable(path: Path) -> bool:
    try:
        # Only root installs a system service. Without root this is a dry run, which shows the plan anyway.
        return path.stat().st_mode & READ_AND_SEARCH == READ_AND_SEARCH or os.geteuid() != 0
    except OSError:
        return False
