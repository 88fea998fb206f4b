"""Debounces the memory level."""

from __future__ import annotations

from collections import deque

from wyoming_kokoro.api.observations import Level
from wyoming_kokoro_memory_watchdog.snapshot import LEVELS

MIN_CALM_SECONDS = 60.0
MAX_CALM_SECONDS = 3600.0
# A rise within this many calm periods after a fall doubles the calm period: the level fell too early.
RELAPSE_RATIO = 10.0


class LevelFilter:
    """Debounces a level: it rises quickly and falls after a calm period.

    It rises after two worse readings in a row, and to `critical` at once. It falls when all readings of the calm
    period were better.
    """

    def __init__(self) -> None:
        self.level: Level = "normal"
        self._calm_seconds = MIN_CALM_SECONDS
        self._fell_at: float | None = None
        """Time of the last fall; None when the level has risen since."""
        self._readings: deque[tuple[float, int]] = deque()
        """Time and level of the readings in the calm period, and of the last one before it."""

    def update(self, level: Level, now: float) -> Level:
        """Return the debounced level after a reading at `now`, in seconds of a monotonic clock."""
        current, reading = LEVELS.index(self.level), LEVELS.index(level)
        previous = self._readings[-1][1] if self._readings else 0
        self._readings.append((now, reading))
        rising = reading if level == "critical" else min(reading, previous)
        calm_since = now - self._calm_seconds
        while len(self._readings) > 1 and self._readings[1][0] <= calm_since:
            self._readings.popleft()
        falling = max(number for _, number in self._readings)
        if rising > current:
            if self._fell_at is not None:
                is_relapse = now - self._fell_at < RELAPSE_RATIO * self._calm_seconds
                self._calm_seconds = min(2 * self._calm_seconds, MAX_CALM_SECONDS) if is_relapse else MIN_CALM_SECONDS
            self._fell_at = None
            self.level = LEVELS[rising]
        elif falling < current and self._readings[0][0] <= calm_since:
            self._fell_at = now
            self.level = LEVELS[falling]
        return self.level
