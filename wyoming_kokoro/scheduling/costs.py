"""Estimates how long the units of a synthesis take on this machine."""

from __future__ import annotations

from collections.abc import Sequence

# The units before the first window: prosody and decoder. Their time depends on the text, not on the window.
UNITS_BEFORE_WINDOWS = 2
# The two units before the windows, the first window, each later window. A guess that the first measurement replaces.
ASSUMED_SECONDS = (0.2, 0.1, 0.1, 0.05)
# A distilled model has a front and windows, at a thirtieth of the cost.
ASSUMED_DISTILLED_SECONDS = (0.02, 0.02, 0.01, 0.01)
# Covers noisy machines, and texts that are longer than the measured ones.
SAFETY_RATIO = 1.5
# Weight of a unit that was faster than the estimate. A slower unit replaces the estimate at once.
DECREASE_SMOOTHING = 0.3


class UnitCosts:
    """Estimates the seconds that a unit takes, by its number in the synthesis."""

    def __init__(self, assumed_seconds: Sequence[float] = ASSUMED_SECONDS) -> None:
        """`assumed_seconds` are the estimates before the first measurement, one for each kind of unit."""
        self._assumed_seconds = assumed_seconds
        self._seconds: dict[int, float] = {}

    def record(self, number: int, seconds: float) -> None:
        """Update the estimate for unit `number`, which took `seconds`."""
        kind = _kind(number)
        estimate = self._seconds.get(kind, seconds)
        self._seconds[kind] = max(seconds, estimate + (seconds - estimate) * DECREASE_SMOOTHING)

    def estimate(self, number: int) -> float:
        """Return the seconds that unit `number` may take."""
        kind = _kind(number)
        return SAFETY_RATIO * self._seconds.get(kind, self._assumed_seconds[kind])

    def seconds_until_audio(self) -> float:
        """Return the seconds from the start of a synthesis to its first audio."""
        return sum(self.estimate(number) for number in range(UNITS_BEFORE_WINDOWS + 1))


def _kind(number: int) -> int:
    """Map all windows after the first one to one kind: the first may have another size."""
    return min(number, UNITS_BEFORE_WINDOWS + 1)
