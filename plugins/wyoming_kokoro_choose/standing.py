"""How one provider does at one post."""

from __future__ import annotations

import math
from collections import deque
from statistics import median

from wyoming_kokoro_choose.recovery import HOUR, Recovery

RUNS = 9
"""The median of so many runs is what a run takes: the four slowest may be of any length."""
FAILED_SECONDS = 60.0
SLOW_SECONDS = 300.0
"""How long a provider is given to recover at first."""


class Standing:
    """What was seen of a provider while it held the post, and what it has to recover from."""

    def __init__(self) -> None:
        self.failing = Recovery(FAILED_SECONDS)
        self.slow = Recovery(SLOW_SECONDS)
        self._times: deque[float] = deque(maxlen=RUNS)
        self._count_until = -math.inf

    def ran(self, seconds: float, now: float) -> None:
        """Take note of a run. An hour later it tells nothing any more."""
        self._times.append(seconds)
        self._count_until = now + HOUR

    def leave(self) -> None:
        """Hold the post no longer: only while it is slow, what was seen still counts."""
        self._count_until = self.slow.until

    def expected(self, measured: float, now: float) -> float:
        """Return the seconds that a run will take: as seen lately, else as measured."""
        return median(self._times) if self._times and now < self._count_until else measured
