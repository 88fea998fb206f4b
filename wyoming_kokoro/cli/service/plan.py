"""What is to be done to the machine, before anything of it is done."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wyoming_kokoro.errors import StartupError

FILE_MODE = 0o644


@dataclass(frozen=True, slots=True)
class Command:
    """A program to run."""

    words: tuple[str, ...]
    may_fail: bool = False
    """Whether it has nothing to do when it fails."""
    advice: str = ""
    """What to do when it fails, else."""

    def run(self) -> None:
        """Run it and wait. Raises `StartupError` with what it said."""
        try:
            done = subprocess.run(self.words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        except OSError as error:
            raise StartupError(f"{self.words[0]} cannot be run ({error.strerror}); --dry-run shows the plan") from None
        if done.returncode and not self.may_fail:
            said = " ".join((done.stderr or done.stdout).split())
            raise StartupError(f"`{shlex.join(self.words)}` failed: {said or done.returncode}; {self.advice}")


@dataclass(frozen=True, slots=True)
class Plan:
    """Files to write or to remove, and programs to run before and after."""

    before: tuple[Command, ...] = ()
    write: Mapping[Path, str] = field(default_factory=dict)
    remove: tuple[Path, ...] = ()
    after: tuple[Command, ...] = ()

    def carry_out(self) -> None:
        """Do it. Raises `StartupError`; a file is then either the old or the new one."""
        for command in self.before:
            command.run()
        for path, text in self.write.items():
            write(path, text)
        for path in self.remove:
            _remove(path)
        for command in self.after:
            command.run()

    @property
    def page(self) -> str:
        """What would be done, for a person."""
        lines = [f"run    {shlex.join(command.words)}" for command in self.before]
        lines += [f"write  {path}\n\n{text}" for path, text in self.write.items()]
        lines += [f"remove {path}" for path in self.remove]
        return "\n".join([*lines, *(f"run    {shlex.join(command.words)}" for command in self.after)])


def write(path: Path, text: str) -> None:
    """Make `path` hold `text`, at once or not at all. Raises `StartupError`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                os.fchmod(handle, FILE_MODE)
            Path(part).replace(path)
        except BaseException:
            Path(part).unlink()
            raise
    except OSError as error:
        raise StartupError(f"{path} cannot be written ({error.strerror}); run this as its owner") from None


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise StartupError(f"{path} cannot be removed ({error.strerror}); run this as its owner") from None
