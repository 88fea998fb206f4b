"""A level that does not flutter: it rises when it must, and falls when it has been better for a while."""

from __future__ import annotations

from collections import deque

from wyoming_kokoro.api.observations import Level

LEVELS: tuple[Level, ...] = ("normal", "raised", "high", "critical")
DWELL = 2
"""So many readings in a row must be worse before the level rises, unless it rises to the worst."""
CALM_SECONDS = 60.0
"""How long all readings must be better before the level falls."""
MOST_CALM_SECONDS = 3600.0
SOON = 10.0
"""A level that rises again within so many times the calm has fallen too early: twice the calm is asked for then."""


class Steadiness:
    """Follows a level that is read again and again."""

    def __init__(self) -> None:
        self.level: Level = "normal"
        self._calm = CALM_SECONDS
        self._fell_at: float | None = None
        """When it fell, if it has not risen since."""
        self._readings: deque[tuple[float, int]] = deque()
        """The moments and levels of the last `_calm` seconds, and the last one before them."""

    def follow(self, level: Level, now: float) -> Level:
        """Return the steady level after `level` was read at `now`, in seconds that are never set back."""
        self._readings.append((now, LEVELS.index(level)))
        steady = LEVELS.index(self.level)
        rising = min(number for _, number in list(self._readings)[-DWELL:]) if len(self._readings) >= DWELL else 0
        if level == LEVELS[-1]:
            rising = LEVELS.index(level)
        while len(self._readings) > DWELL and self._readings[1][0] <= now - self._calm:
            self._readings.popleft()
        falling = max(number for _, number in self._readings)
        if rising > steady:
            self._rise(rising, now)
        elif falling < steady and self._readings[0][0] <= now - self._calm:
            self._fall(falling, now)
        return self.level

    def _rise(self, number: int, now: float) -> None:
        if self._fell_at is not None:
            is_soon = now - self._fell_at < SOON * self._calm
            self._calm = min(2 * self._calm, MOST_CALM_SECONDS) if is_soon else CALM_SECONDS
        self._fell_at = None
        self.level = LEVELS[number]

    def _fall(self, number: int, now: float) -> None:
        self._fell_at = now
        self.level = LEVELS[number]
