"""A log that does not repeat itself."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Hashable

LOG_INTERVAL_SECONDS = 60.0
# Further kinds share one line.
MAX_KINDS = 1000


class RareLog:
    """Logs each kind of line once a minute, and then how many lines were left out."""

    def __init__(self, log: logging.Logger, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._clock = clock
        self._last: dict[Hashable, tuple[float, int]] = {}

    def warning(self, kind: Hashable, message: str, *arguments: object, exc_info: BaseException | None = None) -> None:
        """Log `message` if the last line of this `kind`, such as an address and a code, is old enough."""
        now = self._clock()
        if kind not in self._last and len(self._last) >= MAX_KINDS:
            self._last = {key: last for key, last in self._last.items() if now - last[0] < LOG_INTERVAL_SECONDS}
            kind = kind if len(self._last) < MAX_KINDS else "others"
        logged_at, left_out = self._last.get(kind, (-math.inf, 0))
        if now - logged_at < LOG_INTERVAL_SECONDS:
            self._last[kind] = logged_at, left_out + 1
            return
        self._last[kind] = now, 0
        more = f" ({left_out} more since the last line like this)" if left_out else ""
        self._log.log(logging.ERROR if exc_info else logging.WARNING, message + more, *arguments, exc_info=exc_info)
