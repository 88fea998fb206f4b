"""A post, that is one stage in windows of one size, and who holds it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from wyoming_kokoro_choose.standing import SLOW_SECONDS, Standing

MARGIN = 0.15
"""By how much of its time the holder must be beaten: what is hardly faster is not worth a change."""
STRETCH_RUNS = 20
STRETCH_SECONDS = 3.0
"""For how many runs in a row, and for how long at least, the holder must be beaten."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen at a choice."""

    rivals: frozenset[str] = frozenset()
    """Whose times were compared, but for those that were left because they are slow."""
    is_beaten: bool = False
    """Whether one of them is faster than the holder, by the margin."""


@dataclass(slots=True)
class Stretch:
    """How long the holder has been beaten."""

    since: float
    runs: int = 0

    def is_enough(self, now: float) -> bool:
        """Return whether that is no accident any more."""
        return self.runs >= STRETCH_RUNS and now - self.since >= STRETCH_SECONDS


class Post:
    """Held by the fastest provider that does not fail, and hard to take from it."""

    def __init__(self, preferred: str, clock: Callable[[], float]) -> None:
        """`preferred` holds the post whenever it can, however slow it is."""
        self._preferred = preferred
        self._clock = clock
        self._standings: defaultdict[str, Standing] = defaultdict(Standing)
        self._holder = ""
        self._look = self._weighed = Look()
        self._stretch: Stretch | None = None
        self._no_return_until = -math.inf

    def choose(self, candidates: Mapping[str, float | None]) -> str:
        """Return one of `candidates`, which are the seconds that each was measured to take, by rank.

        Who only asks changes nothing: the holder is who runs.
        """
        now = self._clock()
        able = self._able(candidates, now)
        expected = {
            name: self._standings[name].expected(seconds, now) for name, seconds in able.items() if seconds is not None
        }
        best = self._fastest(expected, now)
        if self._preferred in able:
            return self._preferred
        return best or next(iter(able))

    def ran(self, name: str, seconds: float | None) -> None:
        """Take note of a run; its seconds are None when they tell nothing."""
        now = self._clock()
        if name != self._holder:
            self._hand_over(name, now)
        elif self._look.is_beaten:
            self._stretch = self._stretch or Stretch(now)
            self._stretch.runs += 1
        else:
            self._stretch = None
        self._weighed = self._look
        if seconds is not None:
            self._standings[name].ran(seconds, now)

    def failed(self, name: str) -> None:
        """Take note of a run that failed."""
        self._standings[name].failing.begin(self._clock())

    def _able(self, candidates: Mapping[str, float | None], now: float) -> Mapping[str, float | None]:
        """Return those that did not fail lately; when all did, the one whose time is over first."""
        able = {name: candidates[name] for name in candidates if not self._standings[name].failing.lasts(now)}
        if able:
            return able
        first = min(candidates, key=lambda name: self._standings[name].failing.until)
        return {first: candidates[first]}

    def _fastest(self, expected: Mapping[str, float], now: float) -> str | None:
        """Return the holder, unless another is faster and may take over; None when no times are known.

        One that was not there before, or that had its time to recover, takes over at once, since that is no fault of
        the holder's. Any other has to beat it for a while.
        """
        rested = frozenset(name for name in expected if not self._standings[name].slow.lasts(now))
        if self._holder not in expected:
            self._look = Look(rested)
            return min(expected, key=expected.__getitem__, default=None)
        rival = self._rival(expected, rested, now)
        self._look = Look(rested, rival is not None)
        is_new = rival in rested - self._weighed.rivals
        return rival if is_new or (rival and self._has_lost(now)) else self._holder

    def _rival(self, expected: Mapping[str, float], rested: frozenset[str], now: float) -> str | None:
        """Return the fastest that beats the holder by the margin.

        Where all become slow together, one that was left may turn out to be the lesser evil; but nobody may be left
        and taken back again and again.
        """
        limit = (1 - MARGIN) * expected[self._holder]
        allowed = expected if now >= self._no_return_until else rested
        return min((name for name in allowed if expected[name] < limit), key=expected.__getitem__, default=None)

    def _has_lost(self, now: float) -> bool:
        return self._stretch is not None and self._stretch.is_enough(now)

    def _hand_over(self, name: str, now: float) -> None:
        if self._has_lost(now):
            self._standings[self._holder].slow.begin(now)
        if self._holder:
            self._standings[self._holder].leave()
        if self._standings[name].slow.lasts(now):
            self._no_return_until = now + SLOW_SECONDS
        self._holder, self._stretch = name, None
