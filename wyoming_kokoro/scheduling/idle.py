"""Measures how long the server has been idle."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class IdleTimer:
    """Measures the seconds since the last active stream; startup counts as activity."""

    def __init__(self) -> None:
        self.active_count = 0
        self._idle_since = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds without an active stream; 0 during one."""
        return 0.0 if self.active_count else time.monotonic() - self._idle_since

    @contextmanager
    def activity(self) -> Iterator[None]:
        """Count one active stream inside the block."""
        self.active_count += 1
        try:
            yield
        finally:
            self.active_count -= 1
            self._idle_since = time.monotonic()
