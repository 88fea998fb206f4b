"""Sessions that may crash, hang or leak: each runs in a child process, and another one replaces it after a failure."""

from __future__ import annotations

import logging
import math
import os
import pickle
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil

from wyoming_kokoro.api.providers import Provider, Session, SessionOptions
from wyoming_kokoro.inference.selection import FIRST_BACKOFF_SECONDS, MAX_BACKOFF_SECONDS
from wyoming_kokoro.inference.tensor_channel import Message, TensorChannel, create_memory
from wyoming_kokoro.inference.timeout_session import TIMEOUT_SECONDS
from wyoming_kokoro.storage.child_processes import child_command, describe_exit
from wyoming_kokoro.types import Array

OPEN_TIMEOUT_SECONDS = 900.0
"""Core ML may compile for 600 s."""
EXIT_SECONDS = 0.2
"""A process that has crashed closes its connection a moment before its end is known."""
CLOSE_TIMEOUT_SECONDS = 1.0
"""Sessions are closed on the thread of the model, where a longer wait would interrupt the audio of others."""
RESTART_RATIO = 0.75
"""The process restarts in this part of the time for which the selector does not use it."""
CHECKED_RUNS = 10
"""Reading the memory of a process takes 0.1 ms. After this many runs a session has allocated what it needs."""
MAX_GROWTH_BYTES = 256 << 20
MAX_LINES_PER_MINUTE = 20
MAX_LINE_BYTES = 400

log = logging.getLogger(__name__)


class ProcessFailed(RuntimeError):
    """A child process crashed, hung or sent nonsense. Its session is lost."""


class ProcessHung(ProcessFailed, TimeoutError):
    """A child process did not answer in time."""


def open_session(provider: Provider, file: Path, options: SessionOptions) -> Session:
    """Open `file` on `provider`, in a process of its own if the provider demands it. Raises the provider's error."""
    return ProcessSession(provider, file, options) if provider.process else provider.open(file, options)


class ProcessSession:
    """A session in a child process.

    After a crash, a hang or a leak, every run fails at once until another process has opened the session. It is started
    in the background, later after each failure.
    """

    def __init__(self, provider: Provider, file: Path, options: SessionOptions) -> None:
        """Open `file`. Raises `RuntimeError` with the reason if the provider cannot, and `OSError`."""
        self._provider, self._file, self._options = provider, file, options
        self._lock = threading.Lock()
        self._process: ProviderProcess | None = ProviderProcess(provider, file, options)
        self._last_used: ProviderProcess | None = self._process
        self._timer: threading.Timer | None = None
        self._is_closed = False
        self._shrinks = False
        self._backoff = 0.0
        self._opened_at = -math.inf
        self.note = self._process.opened.note
        """A remark for the operator."""
        self.placement = self._process.opened.placement
        """The device that does the work, if known."""

    @property
    def is_running(self) -> bool:
        """Whether the process is alive as far as is known."""
        return self._process is not None

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """Return the outputs by name. Raises `RuntimeError` with the session's error or the fate of its process."""
        process = self._last_used = self._process
        if process is None:
            raise ProcessFailed("its process has not been started again yet")
        shrinks, self._shrinks = self._shrinks, False
        try:
            outputs = process.run(feeds, shrinks=shrinks)
        except ProcessFailed:
            # Its answer may still come, and would be taken for that of the next run.
            self.restart()
            raise
        if process.has_leaked():
            log.warning("Provider %s leaks memory; another process replaces its process", self._provider.name)
            self.restart()
        return outputs

    def shrink(self) -> None:
        """Make the next run free its spare memory. From any thread."""
        self._shrinks = True

    def restart(self) -> None:
        """End the process, and start another one in the background after a pause.

        Do nothing if another process has replaced the one of the last run.
        """
        with self._lock:
            if self._process and self._process is not self._last_used:
                return
            process, self._process = self._process, None
            if not self._timer and not self._is_closed:
                now = time.monotonic()
                is_again = now < self._opened_at + MAX_BACKOFF_SECONDS
                self._backoff = min(2 * self._backoff, MAX_BACKOFF_SECONDS) if is_again else FIRST_BACKOFF_SECONDS
                self._timer = threading.Timer(RESTART_RATIO * self._backoff, self._start)
                self._timer.daemon = True
                self._timer.start()
        if process:
            process.kill()

    def _start(self) -> None:
        process = None
        try:
            process = ProviderProcess(self._provider, self._file, self._options)
        except Exception as error:  # noqa: BLE001 a provider may fail in any way; the next failed run starts another
            log.warning("Provider %s does not open again (%s)", self._provider.name, error)
        with self._lock:
            self._timer, self._opened_at = None, time.monotonic()
            if not self._is_closed:
                self._process, process = process, None
        if process:
            process.close()

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._is_closed = True
            process, self._process = self._process, None
            if self._timer:
                self._timer.cancel()
        if process:
            process.close()


class ProviderProcess:
    """One child process and its session."""

    def __init__(self, provider: Provider, file: Path, options: SessionOptions) -> None:
        """Start the process and open `file`. Raises `RuntimeError` with the reason if that fails, and `OSError`."""
        try:
            request = pickle.dumps((provider.open, file, options))
        except Exception as error:  # noqa: BLE001 any object can have its own reason
            raise RuntimeError(
                f"the provider {provider.name} cannot run in a process of its own ({error});"
                " make `open` a function of a module"
            ) from None
        self._name = provider.name
        self._run_count = 0
        self._memory_limit = 0
        ours, theirs = socket.socketpair()
        memory = create_memory()
        output, output_end = os.pipe()
        try:
            ours.settimeout(TIMEOUT_SECONDS)
            self._channel = TensorChannel(ours, memory, is_parent=True)
            module, descriptors = "wyoming_kokoro.inference.provider_process", (theirs.fileno(), memory)
            self._process = subprocess.Popen(
                child_command(module, *map(str, descriptors)),
                stdin=subprocess.PIPE,
                stdout=output_end,
                stderr=output_end,
                pass_fds=descriptors,
            )
        except BaseException:
            ours.close()
            os.close(output)
            raise
        finally:
            theirs.close()
            os.close(memory)
            os.close(output_end)
        threading.Thread(target=self._log_output, args=(output,), name="provider-output", daemon=True).start()
        self._statistics = psutil.Process(self._process.pid)
        try:
            self._channel.send_bytes(pickle.dumps((sys.path, request)))
            self.opened = self._receive(OPEN_TIMEOUT_SECONDS)
        except BaseException:
            self.kill()
            raise

    def run(self, feeds: Mapping[str, Array], *, shrinks: bool) -> dict[str, Array]:
        """Return the outputs by name. Raises `RuntimeError` with the session's error, and `ProcessFailed`."""
        request = replace(self._channel.place(feeds), shrinks=shrinks)
        try:
            self._channel.send(request)
        except OSError:
            raise ProcessFailed(self._describe_end()) from None
        answer = self._receive(TIMEOUT_SECONDS)
        try:
            return {name: view.copy() for name, view in self._channel.tensors(answer).items()}
        except (KeyError, TypeError, ValueError) as error:
            raise ProcessFailed(f"its process sent nonsense ({error})") from None

    def has_leaked(self) -> bool:
        """Return whether the process uses much more memory than after its first runs. Call it after each run."""
        self._run_count += 1
        if self._run_count % CHECKED_RUNS:
            return False
        try:
            used = int(self._statistics.memory_info().rss)
        except psutil.Error:  # the next run finds that the process has ended
            return False
        if self._run_count == CHECKED_RUNS:
            self._memory_limit = used + MAX_GROWTH_BYTES
        return used > self._memory_limit

    def kill(self) -> None:
        """End the process at once."""
        self._channel.close()
        self._process.kill()

    def close(self) -> None:
        """Let the session close, and end the process."""
        self._channel.close()
        try:
            self._process.wait(CLOSE_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _receive(self, timeout_seconds: float) -> Message:
        """Return the answer of the process. Raises `ProcessFailed`, and `RuntimeError` with the session's error."""
        try:
            answer = self._channel.receive(timeout_seconds)
        except TimeoutError as error:
            raise ProcessHung(f"its process hangs: {error}") from None
        except (EOFError, OSError):
            raise ProcessFailed(self._describe_end()) from None
        except ValueError as error:
            raise ProcessFailed(f"its process sent nonsense ({error})") from None
        if answer.error:
            raise RuntimeError(answer.error)
        return answer

    def _describe_end(self) -> str:
        """Return how the process ended, after its connection broke."""
        with suppress(subprocess.TimeoutExpired):
            code = self._process.wait(EXIT_SECONDS)
            return f"its process ended with {describe_exit(code)}"
        return "its process closed the connection"

    def _log_output(self, descriptor: int) -> None:
        """Log what the process writes, with a limit, and wait for its end."""
        minute, count = 0.0, 0
        with os.fdopen(descriptor, "rb") as output:
            while line := output.readline(MAX_LINE_BYTES):
                now = time.monotonic()
                if now >= minute + 60:
                    self._log_dropped(count)
                    minute, count = now, 0
                count += 1
                if count <= MAX_LINES_PER_MINUTE:
                    log.info("Provider %s wrote %r", self._name, line.decode(errors="backslashreplace").rstrip())
        self._log_dropped(count)
        self._process.wait()
        assert self._process.stdin
        self._process.stdin.close()

    def _log_dropped(self, count: int) -> None:
        if count > MAX_LINES_PER_MINUTE:
            log.info("Provider %s wrote %d more lines", self._name, count - MAX_LINES_PER_MINUTE)
