"""How long the units of work of a synthesis take on this machine."""

from __future__ import annotations

PROSODY_UNITS = 2
"""Units that read the text before the first window: what they take has nothing to do with what a window takes."""
ASSUMED_SECONDS = (0.2, 0.1, 0.1, 0.05)
"""Seconds of the units that read, of the first window and of those behind it, before anything was measured."""
SAFETY_RATIO = 1.5
"""Machines are noisy, and texts of different lengths."""
DECREASE_SMOOTHING = 0.3
"""How much a unit that took less than expected counts; one that took more is expected at once."""


class UnitCosts:
    """Seconds that a unit may take, by its number in its synthesis."""

    def __init__(self) -> None:
        self._seconds = list(ASSUMED_SECONDS)
        self._seen = [False] * len(ASSUMED_SECONDS)

    def record(self, number: int, seconds: float) -> None:
        """Take into account that the unit took so many `seconds`."""
        kind = _kind(number)
        expected = self._seconds[kind] if self._seen[kind] else seconds
        self._seconds[kind] = max(seconds, expected + (seconds - expected) * DECREASE_SMOOTHING)
        self._seen[kind] = True

    def estimate(self, number: int) -> float:
        """Return what the unit may take."""
        return SAFETY_RATIO * self._seconds[_kind(number)]

    def seconds_until_audio(self) -> float:
        """Return what a text that is begun may take to its first sound."""
        return sum(self.estimate(number) for number in range(PROSODY_UNITS + 1))


def _kind(number: int) -> int:
    """The first window is one for itself: it may be larger than those that follow."""
    return min(number, PROSODY_UNITS + 1)
