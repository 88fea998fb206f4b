"""The thread on which the model runs."""

from __future__ import annotations

import itertools
import logging
import queue
import threading
from collections.abc import Callable, Generator

from wyoming_kokoro.types import Pcm

UnitIterator = Generator[Pcm, None, None]
"""A synthesis: each `next()` is one unit of work. It is closed when nobody listens any more."""

log = logging.getLogger(__name__)


class Worker(threading.Thread):
    """A daemon thread, so that a native call that never returns cannot keep the process alive."""

    _numbers = itertools.count(1)

    def __init__(self) -> None:
        super().__init__(name=f"kokoro-engine-{next(self._numbers)}", daemon=True)
        self._orders: queue.SimpleQueue[tuple[UnitIterator, Callable[[Pcm | BaseException | None], None]] | None] = (
            queue.SimpleQueue()
        )

    def submit(self, steps: UnitIterator, report: Callable[[Pcm | BaseException | None], None]) -> None:
        """Run one unit of `steps` and report its samples, None at the end, or its error."""
        self._orders.put((steps, report))

    def stop(self) -> None:
        """End the thread after what it is doing."""
        self._orders.put(None)

    def run(self) -> None:
        """Serve orders until told to stop."""
        while (order := self._orders.get()) is not None:
            steps, report = order
            try:
                result: Pcm | BaseException | None = next(steps, None)
            except Exception as error:  # noqa: BLE001 the engine turns it into SynthesisFailed
                result = error
            del steps, order  # a dropped synthesis must not live on in this frame
            self._report(report, result)

    @staticmethod
    def _report(report: Callable[[Pcm | BaseException | None], None], result: Pcm | BaseException | None) -> None:
        try:
            report(result)
        except RuntimeError:
            log.debug("The event loop closed before a unit was done")
