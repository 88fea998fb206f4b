"""Whether anybody is spoken to."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class IdleTimer:
    """How long nobody has been spoken to; a start counts as somebody."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._speaking = 0
        self._since = clock()

    @property
    def seconds(self) -> float:
        """Return how long it has been quiet; 0 while somebody is spoken to."""
        return 0.0 if self._speaking else self._clock() - self._since

    @property
    def active_count(self) -> int:
        """How many are spoken to."""
        return self._speaking

    @contextmanager
    def activity(self) -> Iterator[None]:
        """Speak to somebody."""
        self._speaking += 1
        try:
            yield
        finally:
            self._speaking -= 1
            self._since = self._clock()
