"""How long the units of work of a synthesis take on this machine."""

from __future__ import annotations

READING = 2
"""Units that read the text before the first window: what they take has nothing to do with what a window takes."""
CAUTION = 1.5
"""Machines are noisy, and texts of different lengths."""
FORGETTING = 0.3
"""How much a unit that took less than expected counts; one that took more is expected at once."""


class Costs:
    """Seconds that a unit may take, by its number in its synthesis; 0 for what was never seen."""

    def __init__(self) -> None:
        self._seconds = [0.0] * (READING + 2)

    def note(self, number: int, seconds: float) -> None:
        """Take into account that the unit took so many `seconds`."""
        kind = _kind(number)
        expected = self._seconds[kind]
        self._seconds[kind] = max(seconds, expected + (seconds - expected) * FORGETTING)

    def of(self, number: int) -> float:
        """Return what the unit may take."""
        return CAUTION * self._seconds[_kind(number)]

    def until_sound(self, number: int) -> float:
        """Return what the unit and those up to the next sound may take."""
        return sum(self.of(each) for each in range(number, max(number, READING) + 1))


def _kind(number: int) -> int:
    """The first window is one for itself: it may be larger than those that follow."""
    return min(number, READING + 1)
