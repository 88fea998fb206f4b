"""Time for the age of stored rows, whatever happens to the system clock."""

from __future__ import annotations

import time
from collections.abc import Callable

# Nothing distinguishes a long absence from a clock that is ahead.
MAX_ABSENCE_SECONDS = 24 * 3600.0


class SteadyClock:
    """Never goes back, and never jumps ahead.

    A machine without a battery starts in 1970 until it has found a time server, and a wrong time server can set any
    year. Rows that got such a time, or are compared with it, would be the first to expire.
    """

    def __init__(self, newest: float | None, now: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Continue after `newest`, the time of the newest row. `now` is the system's time, in any unit of seconds."""
        start = now if newest is None else min(max(now, newest), newest + MAX_ABSENCE_SECONDS)
        self._monotonic = monotonic
        self._offset = start - monotonic()

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self._monotonic() + self._offset
