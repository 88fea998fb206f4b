"""A circuit breaker."""

from __future__ import annotations

import random
from collections.abc import Callable

MAX_FAILURES = 3
"""Failures in a row that open the circuit. A single late answer does not."""
MIN_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 1.0, 60.0


class Circuit:
    """Stops calls after some failures in a row. Each further failure doubles the pause before the next attempt.

    The pauses become short again after a minute without failures, so that a store that often fails is seldom tried.
    """

    def __init__(self, clock: Callable[[], float], *, is_open: bool = False) -> None:
        """`clock` returns seconds and never goes back."""
        self._clock = clock
        self._failures = MAX_FAILURES if is_open else 0
        self._pause_seconds = MIN_PAUSE_SECONDS
        self._retry_at = self._failed_at = -MAX_PAUSE_SECONDS

    @property
    def is_open(self) -> bool:
        """Whether calls are stopped."""
        return self._failures >= MAX_FAILURES

    @property
    def pause_seconds(self) -> float:
        """The seconds until the next attempt; 0 if it is allowed now."""
        return max(0.0, self._retry_at - self._clock()) if self.is_open else 0.0

    def report_success(self) -> None:
        """Close the circuit."""
        self._failures = 0

    def report_failure(self) -> None:
        """Count a failure, which may open the circuit."""
        now = self._clock()
        if self.is_open and now < self._retry_at:
            # This call began before the circuit opened.
            return
        if not self._failures and now - self._failed_at >= MAX_PAUSE_SECONDS:
            self._pause_seconds = MIN_PAUSE_SECONDS
        self._failures, self._failed_at = self._failures + 1, now
        if self.is_open:
            # Servers that lost the store at the same moment must not come back at the same moment.
            self._retry_at = now + self._pause_seconds * random.uniform(0.75, 1.25)  # noqa: S311
            self._pause_seconds = min(MAX_PAUSE_SECONDS, 2 * self._pause_seconds)
