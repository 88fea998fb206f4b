"""The thread on which the model runs."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Generator
from typing import Any, TypeVar

from wyoming_kokoro.types import Pcm

UnitIterator = Generator[Pcm, None, None]
"""A synthesis: each `next()` runs one unit of work, which may yield no samples. Closing it frees what it holds."""

T = TypeVar("T")
log = logging.getLogger(__name__)


class Worker(threading.Thread):
    """Runs tasks in order. A daemon thread, so that a native call that hangs cannot keep the process alive."""

    def __init__(self) -> None:
        super().__init__(name="kokoro-worker", daemon=True)
        self._tasks: queue.SimpleQueue[tuple[Callable[[], Any], Callable[[Any], object]] | None] = queue.SimpleQueue()

    def submit(self, task: Callable[[], T], report: Callable[[T | Exception], object]) -> None:
        """Run `task`, then pass its result or its error to `report`, on this thread."""
        self._tasks.put((task, report))

    def stop(self) -> None:
        """End the thread after the tasks submitted so far."""
        self._tasks.put(None)

    def run(self) -> None:
        """Run tasks until `stop`."""
        while (item := self._tasks.get()) is not None:
            task, report = item
            try:
                result = task()
            except Exception as error:  # noqa: BLE001 the recipient handles it
                result = error
            del task, item  # a closed synthesis must not stay alive in this frame
            try:
                report(result)
            except RuntimeError:
                log.debug("Worker result dropped: the event loop is closed")
            del report, result
