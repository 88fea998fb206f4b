"""A thread that does one job after the other, and looks around in between."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
ROOM = 8_000_000
"""Bytes that may wait: almost three minutes of speech."""


def _nothing() -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True)
class _Job:
    run: Callable[[], object]
    size: int = 0
    abandon: Callable[[], object] = _nothing


class Worker:
    """Does jobs in their order. What comes too fast is refused, so that no memory is lost to a slow disk."""

    def __init__(
        self,
        name: str,
        look_around: Callable[[], None],
        finish: Callable[[], None],
        pause: float,
        log: logging.Logger,
    ) -> None:
        """On the thread, `look_around` runs every `pause` seconds, and `finish` at the end."""
        self._look_around = look_around
        self._finish = finish
        self._pause = pause
        self._log = log
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._waiting = 0
        self._has_ended = False
        self._deadline = float("inf")
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def submit(self, run: Callable[[], object], size: int = 0) -> bool:
        """Have a job done that holds `size` bytes; return False when too much waits already. Returns at once."""
        return self._put(_Job(run, size))

    def ask(self, run: Callable[[], T | None]) -> Future[T | None]:
        """Have a job done after those that wait; return what gets its result, or None when it is too late."""
        future: Future[T | None] = Future()

        def answer() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(run())
            except Exception as error:  # noqa: BLE001 it is the caller's
                future.set_exception(error)

        def abandon() -> None:
            if future.set_running_or_notify_cancel():
                future.set_result(None)

        job = _Job(answer, abandon=abandon)
        if not self._put(job):
            job.abandon()
        return future

    def stop(self, patience: float) -> bool:
        """Do what waits, for at most `patience` seconds, and end; return whether the thread has ended. Blocks.

        Called again, it only waits for longer.
        """
        self._deadline = min(self._deadline, time.monotonic() + patience)
        self._jobs.put(None)
        self._thread.join(patience)
        return not self._thread.is_alive()

    def _put(self, job: _Job) -> bool:
        with self._lock:
            if self._has_ended or (job.size and self._waiting >= ROOM):
                return False
            self._waiting += job.size
            self._jobs.put(job)
        return True

    def _work(self) -> None:
        look_at = time.monotonic() + self._pause
        while time.monotonic() < self._deadline:
            job = self._next(look_at)
            if job is None:
                break
            self._do(job)
            if time.monotonic() >= look_at:
                self._do(_Job(self._look_around))
                look_at = time.monotonic() + self._pause
        self._do(_Job(self._finish))
        self._abandon()

    def _next(self, until: float) -> _Job | None:
        """Return the next job, one that does nothing when none has come, or None at the end."""
        try:
            return self._jobs.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            return _Job(_nothing)

    def _do(self, job: _Job) -> None:
        try:
            job.run()
        except Exception:  # noqa: BLE001 the next job may be none the worse
            self._log.exception("The phrase cache failed at a job; going on with the next")
        with self._lock:
            self._waiting -= job.size

    def _abandon(self) -> None:
        """Tell those who wait that there is nobody any more."""
        with self._lock:
            self._has_ended = True
        while not self._jobs.empty():
            job = self._jobs.get()
            if job:
                job.abandon()
