"""The program that a service runs: its command, and the folders that it needs to see."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wyoming_kokoro.config import ENVIRONMENT, Config
from wyoming_kokoro.errors import StartupError

HOMES = (Path("/home"), Path("/root"), Path("/run/user"))
"""What `ProtectHome=` hides: systemd.exec(5)."""
READABLE = 0o005
"""Read and search permission for everybody."""


@dataclass(frozen=True, slots=True)
class Program:
    """What a service runs."""

    command: tuple[str, ...]
    config: Config
    folders: tuple[Path, ...]
    """Where its code and its models are; none is inside another."""

    @property
    def in_homes(self) -> tuple[Path, ...]:
        """The folders that are in somebody's home."""
        return tuple(folder for folder in self.folders if is_in_a_home(folder))


def this_program(config: Config, options: Sequence[str], environment: Mapping[str, str]) -> Program:
    """Return the program that runs now, as a server with the command line's `options`.

    Raises `StartupError` for settings in the environment, which the service would not see.
    """
    unseen = sorted(set(environment) & set(ENVIRONMENT))
    if unseen:
        raise StartupError(f"the service does not see {unseen[0]}; unset it, and give the option or use the file")
    script = Path(sys.executable).absolute().with_name("wyoming-kokoro")
    start = (str(script),) if script.is_file() else (sys.executable, "-m", "wyoming_kokoro")
    named = [Path(path).absolute() for path in (config.model.path, config.model.voices) if path]
    models = [path.parent for path in named if path.is_file()]
    return Program((*start, "serve", *options), config, outermost([*_code(), *models]))


def refuse_what_a_system_service_cannot_see(program: Program) -> None:
    """Raise `StartupError`, with what to do, when `program` cannot run as a user without a home."""
    config = program.config
    if is_in_a_home(Path(config.where)):
        target = "/etc/wyoming-kokoro/config.toml"
        raise StartupError(f"a service of the system reads no home: move {config.where} to {target}, or use --user")
    if config.directories.cache or config.directories.state:
        places = "/var/cache/wyoming-kokoro and /var/lib/wyoming-kokoro"
        raise StartupError(f"the service keeps its files in {places}: leave the directories out, or use --user")
    for folder in program.folders:
        way = (folder,) if is_in_a_home(folder) else (folder, *folder.parents)
        if closed := next((step for step in way if not _is_readable(step)), None):
            raise StartupError(f"the service may not read {closed}: `chmod o+rx {closed}`, or use --user")


def is_in_a_home(path: Path) -> bool:
    """Return whether `path` is hidden from services that have no business in homes."""
    return any(path.is_relative_to(home) for home in HOMES)


def outermost(folders: Iterable[Path]) -> tuple[Path, ...]:
    """Return `folders`, sorted, without those that are inside another."""
    kept: list[Path] = []
    for folder in sorted(set(folders)):
        if not any(folder.is_relative_to(outer) for outer in kept):
            kept.append(folder)
    return tuple(kept)


def _code() -> list[Path]:
    """Return where Python and what it imports are; an editable installation has its sources elsewhere."""
    here = Path.cwd()
    imported = [Path(entry) for entry in sys.path if entry]
    sources = [entry for entry in imported if entry.is_absolute() and entry.is_dir() and entry != here]
    own = Path(__file__).parents[3]
    return [Path(sys.prefix), Path(sys.base_prefix), own, *sources]


def _is_readable(path: Path) -> bool:
    try:
        return path.stat().st_mode & READABLE == READABLE or os.geteuid() != 0
    except OSError:
        return False
