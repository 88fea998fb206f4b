"""A plan of changes to the machine, which can be shown before it is executed."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from wyoming_kokoro.errors import StartupError
from wyoming_kokoro.storage import open_atomically

FILE_MODE = 0o644


@dataclass(frozen=True, slots=True)
class Command:
    """A program to run, with its arguments."""

    words: tuple[str, ...]
    may_fail: bool = False
    advice: str = ""
    """What the user can do when the program fails."""

    def run(self) -> None:
        """Run the program and wait for it. Raises `StartupError` with its output."""
        try:
            done = subprocess.run(self.words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        except OSError as error:
            raise StartupError(f"cannot run {self.words[0]} ({error.strerror}); use --dry-run for the plan") from None
        if done.returncode and not self.may_fail:
            output = " ".join((done.stderr or done.stdout).split()) or f"exit code {done.returncode}"
            raise StartupError(f"`{shlex.join(self.words)}` failed: {output}; {self.advice}")


@dataclass(frozen=True, slots=True)
class Plan:
    """Files to write or to remove, and commands to run before and after."""

    before: tuple[Command, ...]
    files: Mapping[Path, str | None]
    """The content of each file; None removes it."""
    after: tuple[Command, ...] = ()

    def execute(self) -> None:
        """Execute the plan. Raises `StartupError`. After an error, each file has either its old or its new content."""
        for command in self.before:
            command.run()
        for path, text in self.files.items():
            try:
                _replace_file(path, text)
            except OSError as error:
                verb = "remove" if text is None else "write"
                raise StartupError(f"cannot {verb} {path} ({error.strerror}); run this command as its owner") from None
        for command in self.after:
            command.run()

    def describe(self) -> str:
        """Return the plan as text, with the content of the files."""
        lines = [f"run    {shlex.join(command.words)}" for command in self.before]
        for path, text in self.files.items():
            lines.append(f"remove {path}" if text is None else f"write  {path}\n\n{text}")
        return "\n".join([*lines, *(f"run    {shlex.join(command.words)}" for command in self.after)])


def _replace_file(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with open_atomically(path) as stream:
        os.fchmod(stream.fileno(), FILE_MODE)
        stream.write(text.encode())
