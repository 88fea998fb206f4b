"""A track on which providers run window after window, in the time that they are told."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from itertools import pairwise

from wyoming_kokoro import Provider, ProviderTiming, RunResult
from wyoming_kokoro_choose.by_time import ByTime

LOG = logging.getLogger("wyoming_kokoro.plugins.choose")
STAGE = "vocoder"
WINDOW = 16


def no_session(*_: object) -> None:
    raise NotImplementedError


class Clock:
    """Tells what it is told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Track:
    """A stage in windows of one size, whose time passes as its providers run."""

    def __init__(self, measured: Mapping[str, float | None], preferred: str = "", window: int = WINDOW) -> None:
        """`measured` are the providers by their rank, and what they take in a quiet house."""
        self.clock = Clock()
        self.chooser = ByTime(preferred, self.clock, LOG)
        self.measured = dict(measured)
        self.takes = {name: seconds or 0.1 for name, seconds in measured.items()}
        """What a run takes now."""
        self.broken: set[str] = set()
        self.winners: list[str] = []
        """Who ran, window by window."""
        self._window = window

    def chosen(self, *absent: str) -> str:
        """Return who is chosen of those that are not `absent`."""
        return self._choose([name for name in self.measured if name not in absent])

    def run(self, windows: int = 1) -> list[str]:
        """Run so many windows, each by another provider when one fails; return who did."""
        for _ in range(windows):
            left = list(self.measured)
            while (name := self._choose(left)) in self.broken:
                self.fail(name)
                left.remove(name)
            self.clock.now += self.takes[name]
            self._observe(name, self.takes[name])
            self.winners.append(name)
        return self.winners[-windows:]

    def fail(self, name: str) -> None:
        """Let a run of `name` fail."""
        self._observe(name, None)

    @property
    def switches(self) -> int:
        """How often another took over."""
        return sum(before != after for before, after in pairwise(self.winners))

    def _choose(self, names: list[str]) -> str:
        measurements = [
            ProviderTiming(Provider(name, -rank, "float", no_session), self.measured[name])  # type: ignore[arg-type]
            for rank, name in enumerate(names)
        ]
        return self.chooser.choose(STAGE, self._window, measurements).name

    def _observe(self, name: str, seconds: float | None) -> None:
        self.chooser.observe(RunResult(name, STAGE, self._window, seconds))
