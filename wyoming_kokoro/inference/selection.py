"""Selects the provider that runs a window: the configured one, otherwise the fastest one that works."""

from __future__ import annotations

import logging
import math
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from wyoming_kokoro.api.observations import Inference
from wyoming_kokoro.api.providers import Provider

HISTORY_RUNS = 9
"""The median of this many runs replaces the time that a trial measured."""
HISTORY_SECONDS = 600.0
"""Older runs do not count, so that a provider that was slow for a while gets another chance."""
SWITCH_MARGIN_RATIO = 0.15
"""A provider must be this much faster than the current one; a smaller gain is not worth a change."""
FIRST_BACKOFF_SECONDS = 60.0
MAX_BACKOFF_SECONDS = 3600.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ProviderTiming:
    """An open provider, and the seconds that one run took in its trial, or None if it was never measured."""

    provider: Provider
    seconds: float | None = None


class ProviderSelector:
    """Selects a provider for each stage and window size. Used by one thread at a time."""

    def __init__(self, preferred: str = "", clock: Callable[[], float] = time.monotonic) -> None:
        """`preferred` is the name of a provider that runs whatever it can, or nothing; `clock` returns seconds."""
        self._preferred = preferred
        self._clock = clock
        self._histories: dict[tuple[str, int, str], _History] = {}
        self._current: dict[tuple[str, int], str] = {}
        self._has_logged_missing = False

    def select(self, stage: str, window: int, timings: Sequence[ProviderTiming]) -> Provider:
        """Return the provider for the next run. `timings` has at least one item, highest priority first.

        Selecting changes nothing; only `record` does.
        """
        now = self._clock()
        providers = {item.provider.name: item.provider for item in timings}
        histories = {name: self._history(stage, window, name) for name in providers}
        usable = [name for name in providers if now >= histories[name].failed_until]
        if self._preferred and self._preferred not in providers:
            self._log_missing(stage)
        if not usable:
            return providers[min(providers, key=lambda name: histories[name].failed_until)]
        if self._preferred in usable:
            return providers[self._preferred]
        expected = {
            item.provider.name: histories[item.provider.name].expected_seconds(item.seconds, now)
            for item in timings
            if item.provider.name in usable and item.seconds is not None
        }
        return providers[self._fastest(expected, self._current.get((stage, window))) or usable[0]]

    def record(self, run: Inference) -> None:
        """Remember a run and its time, or its failure. The time of a late run is infinite."""
        now = self._clock()
        history = self._history(run.stage, run.window, run.provider)
        if run.seconds is None:
            history.add_failure(now)
            return
        self._current[run.stage, run.window] = run.provider
        # The time of a whole segment depends on its length, so it says nothing about the provider.
        if run.window:
            history.add_run(run.seconds, now)

    def _fastest(self, expected: Mapping[str, float], current: str | None) -> str | None:
        best = min(expected, key=lambda name: expected[name], default=None)
        if best is None or current is None or current not in expected:
            return best
        return best if expected[best] < (1 - SWITCH_MARGIN_RATIO) * expected[current] else current

    def _history(self, stage: str, window: int, provider: str) -> _History:
        return self._histories.setdefault((stage, window, provider), _History())

    def _log_missing(self, stage: str) -> None:
        if not self._has_logged_missing:
            log.info(
                "The provider %s ([inference] provider) is not open for %s yet; `wyoming-kokoro check` lists providers",
                self._preferred,
                stage,
            )
        self._has_logged_missing = True


class _History:
    """The last runs and failures of one provider for one stage and window size."""

    def __init__(self) -> None:
        self.failed_until = -math.inf
        self._backoff = FIRST_BACKOFF_SECONDS
        self._runs: deque[float] = deque(maxlen=HISTORY_RUNS)
        self._valid_until = -math.inf

    def expected_seconds(self, measured: float, now: float) -> float:
        """Return the median of the recent runs, or the measured time where there are too few."""
        is_known = len(self._runs) == HISTORY_RUNS and now < self._valid_until
        return median(self._runs) if is_known else measured

    def add_run(self, seconds: float, now: float) -> None:
        if now >= self._valid_until:
            self._runs.clear()
        self._runs.append(seconds)
        self._valid_until = now + HISTORY_SECONDS

    def add_failure(self, now: float) -> None:
        """Keep the provider out of use; twice as long as before when it fails again within an hour of its return."""
        if now >= self.failed_until + MAX_BACKOFF_SECONDS:
            self._backoff = FIRST_BACKOFF_SECONDS
        elif now >= self.failed_until:
            self._backoff = min(2 * self._backoff, MAX_BACKOFF_SECONDS)
        self.failed_until = now + self._backoff
