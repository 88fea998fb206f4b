"""Child processes that run one module. Their memory goes back to the system when they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass

from wyoming_kokoro.errors import StartupError

# `-m` and `-c` import modules from the working directory first, where a file of the user can be named `random.py`.
CHILD_CODE = "import sys; sys.path[:] = filter(None, sys.path); from wyoming_kokoro.storage.child import main; main()"
# A preparation takes some seconds, and a minute on a slow machine. The limit ends a child process that hangs.
TIMEOUT_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class EndedChild:
    """How a child process ended."""

    exit_code: int
    reason: str
    """The last line that it wrote to stderr."""


class ChildProcesses:
    """Runs modules in child processes, which end with this process. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._is_stopped = False

    def run(self, module: str, *arguments: str, timeout_seconds: float | None = TIMEOUT_SECONDS) -> EndedChild:
        """Run the module in a child process and wait for its end.

        Raises `OSError`, and `StartupError` after `timeout_seconds` and after `stop`.
        """
        # The child reads from this pipe until this process ends. `communicate` would close a pipe of `Popen`.
        for_child, held = os.pipe()
        try:
            with self._start(child_command(module, *arguments), for_child) as child:
                try:
                    _, stderr = child.communicate(timeout=timeout_seconds)
                except subprocess.TimeoutExpired:
                    raise StartupError(f"{module} did not end within {timeout_seconds:g} s") from None
                finally:
                    with self._lock:
                        self._running.discard(child)
                    child.kill()
        finally:
            os.close(for_child)
            os.close(held)
        if self._is_stopped:
            raise StartupError("the server is stopping")
        lines = stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
        return EndedChild(child.returncode, lines[-1])

    def stop(self) -> None:
        """End all child processes, and start no others."""
        with self._lock:
            self._is_stopped = True
            for child in self._running:
                child.kill()

    def _start(self, command: list[str], stdin: int) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._is_stopped:
                raise StartupError("the server is stopping")
            child = subprocess.Popen(command, stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            self._running.add(child)
        return child


def child_command(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module, as `python -m` does, until it ends or its stdin is closed."""
    return [sys.executable, "-c", CHILD_CODE, module, *arguments]


def describe_exit(code: int) -> str:
    """Return the signal or the exit code with which a process ended."""
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def run_in_child(module: str, *arguments: str) -> None:
    """Run the module in a child process and wait for its end. Failures are ignored.

    For preparations that the caller repeats itself, and so reports their errors, if the result is missing.
    """
    with suppress(OSError, StartupError):
        ChildProcesses().run(module, *arguments)
