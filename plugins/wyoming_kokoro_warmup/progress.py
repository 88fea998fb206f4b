"""What the log tells of warming up: a few lines, none of which has a word of what is said."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from wyoming_kokoro_warmup.throttle import PauseReason

FEW = 50
"""Phrases; fewer that are new are not worth a line."""
QUARTERS = 4
AGAIN_SECONDS = 3600.0
"""The same obstacle is not told more often."""


class ProgressLog:
    """Tells the owner how far warming up is."""

    def __init__(self, log: logging.Logger, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._clock = clock
        self._level: int | None = None
        self._told_quarters = 0
        self._finished_once = False
        self._obstacle: PauseReason | None = None
        self._told: dict[str, float] = {}
        self._paused = False

    def begin(self, left: int, total: int) -> None:
        """Tell, once, that of `total` phrases some are made now, at most those that are `left`."""
        if self._level is None:
            self._level = logging.DEBUG if self._finished_once and left < FEW else logging.INFO
            self._told_quarters = (total - left) * QUARTERS // total
            self._log.log(self._level, "WarmupPlugin up to %d phrases while the house is quiet", left)

    def step(self, left: int, total: int) -> None:
        """Tell each quarter of the way."""
        quarters = (total - left) * QUARTERS // total
        if self._level is not None and self._told_quarters < quarters < QUARTERS:
            self._told_quarters = quarters
            self._log.log(self._level, "%d of %d phrases are ready", total - left, total)

    def finish(self, ready: int, total: int) -> None:
        """Tell that the list is done; phrases that cannot be spoken are missing from `ready`."""
        if self._level is not None:
            what = f"All {total}" if ready == total else f"{ready} of {total}"
            self._log.log(self._level, "%s phrases are ready: warming up is done", what)
        self._level = None
        self._finished_once = True

    def pause(self, obstacle: PauseReason) -> None:
        """Tell, once, why it does not go on."""
        if self._obstacle is not None and obstacle.name == self._obstacle.name:
            return
        self._obstacle = obstacle
        told = self._told.get(obstacle.name)
        if told is None or self._clock() - told >= AGAIN_SECONDS:
            self._told[obstacle.name] = self._clock()
            self._paused = self._paused or obstacle.level > logging.DEBUG
            self._log.log(obstacle.level, "WarmupPlugin up pauses: %s", obstacle.reason)

    def resume(self) -> None:
        """Tell that it goes on, if it was told that it did not."""
        if self._paused:
            self._log.info("WarmupPlugin up goes on")
        self._paused = False
        self._obstacle = None
