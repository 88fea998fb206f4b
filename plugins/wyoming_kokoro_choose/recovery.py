"""How long a provider is given to recover."""

from __future__ import annotations

import math

HOUR = 3600.0


class Recovery:
    """A time that doubles with each relapse, up to an hour; after an hour without one, it is as long as at first."""

    def __init__(self, first: float) -> None:
        self._first = first
        self._seconds = first
        self.until = -math.inf

    def begin(self, now: float) -> None:
        """Begin a time from now on. What happens before the last one is over is no relapse, for it had no chance."""
        if now >= self.until + HOUR:
            self._seconds = self._first
        elif not self.lasts(now):
            self._seconds = min(2 * self._seconds, HOUR)
        self.until = now + self._seconds

    def lasts(self, now: float) -> bool:
        """Return whether the time is not over."""
        return now < self.until
