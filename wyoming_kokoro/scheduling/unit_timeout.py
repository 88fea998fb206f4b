"""A timeout that does not count the time in which the process was suspended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

# After a suspension, all of it counts as one step: a twentieth of the timeout.
STEPS = 20


class UnitTimeout:
    """Calls `on_timeout` once after `seconds`, unless it is cancelled.

    The clock goes on while a process is suspended, but its threads make no progress.
    """

    def __init__(self, seconds: float, on_timeout: Callable[[], None]) -> None:
        self._step_seconds = seconds / STEPS
        self._steps_left = STEPS
        self._on_timeout = on_timeout
        self._start_step()

    def cancel(self) -> None:
        """Stop the timeout."""
        self._handle.cancel()

    def _start_step(self) -> None:
        self._handle = asyncio.get_running_loop().call_later(self._step_seconds, self._finish_step)

    def _finish_step(self) -> None:
        self._steps_left -= 1
        if self._steps_left:
            self._start_step()
        else:
            self._on_timeout()
