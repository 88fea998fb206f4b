"""Whether warming up may go on, and how fast: it takes only what nobody else wants."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from wyoming_kokoro import WarmupResult
from wyoming_kokoro_warmup.day import Day
from wyoming_kokoro_warmup.settings import Settings

BYTES_A_SECOND = 60_000
"""Of speech: a phrase is kept in 30 kB a second, which SQLite writes twice, into its log and into its file."""
MEGABYTE = 1_000_000
LEAST_MEMORY = 0.1
"""Of the machine's memory; with less to spare, others need it more."""
MOST_STALLED = 10.0
"""Per cent of the time that some program waits for memory."""
MOST_OTHERS = 50.0
"""Per cent of all processors that other programs use."""
LOOK_SECONDS = 5.0
REST_SECONDS = 60.0
"""How long a reading counts: a bad one for longer, so that warming does not go to and fro about a limit."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How the machine is; what cannot be read is as if all were well."""

    on_battery: bool = False
    celsius: float | None = None
    """The processor's temperature."""
    memory_free: float = 1.0
    """The share of the memory that programs may have."""
    memory_stalled: float = 0.0
    """Per cent of the last ten seconds in which some program waited for memory."""
    others: float = 0.0
    """Per cent of all processors that other programs have used since the last look."""


class Sensors(Protocol):
    """Feels how the machine is."""

    def read(self) -> Reading:
        """Return how it is now. Blocks for a moment."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why nothing may be made now."""

    name: str
    reason: str
    """For the log."""
    level: int
    """Of the log: what the owner can do something about is worth a line."""


SHORT_OF_MEMORY = Obstacle("memory", "memory is short", logging.INFO)


class Governor:
    """Keeps warming within its bounds. Used by one thread at a time."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime], sensors: Sensors) -> None:
        """`clock` tells the local time."""
        self._settings = settings
        self._clock = clock
        self._sensors = sensors
        self._day = Day()
        self.is_short_of_memory = False
        """Whether somebody who watches the memory says so."""
        self._looked: datetime | None = None
        self._felt: Obstacle | None = None

    @property
    def today(self) -> Day:
        """What was spent today."""
        today = self._clock().date().isoformat()
        return self._day if self._day.day == today else Day(today)

    def recall(self, spent: Day) -> None:
        """Count what an earlier run has spent, if that was today."""
        self._day = spent

    def why_not(self, quiet_seconds: float) -> Obstacle | None:
        """Return why no phrase may be begun now, or None. May read sensors, and so block for a moment."""
        if quiet_seconds < self._settings.idle_seconds:
            return Obstacle("speech", "somebody is spoken to", logging.DEBUG)
        return self._overspent() or self._pressed() or self._feel()

    def spend(self, warmth: WarmupResult) -> float:
        """Take note of what a phrase took; return how many seconds to rest for it."""
        today = self.today
        seconds = today.work_seconds + warmth.work_seconds
        written = today.bytes + round(warmth.speech_seconds * BYTES_A_SECOND)
        self._day = Day(today.day, seconds, written)
        return warmth.work_seconds * (100.0 / self._settings.processor_percent - 1.0)

    def _overspent(self) -> Obstacle | None:
        limits, today = self._settings, self.today
        if today.work_seconds >= limits.minutes_a_day * 60:
            reason = f"today's {limits.minutes_a_day:g} minutes of work are done (minutes_a_day)"
            return Obstacle("minutes", reason, logging.INFO)
        if today.bytes >= limits.megabytes_a_day * MEGABYTE:
            reason = f"today's {limits.megabytes_a_day:g} MB are written (megabytes_a_day)"
            return Obstacle("megabytes", reason, logging.INFO)
        return None

    def _pressed(self) -> Obstacle | None:
        return SHORT_OF_MEMORY if self.is_short_of_memory else None

    def _feel(self) -> Obstacle | None:
        now = self._clock()
        lasts = REST_SECONDS if self._felt else LOOK_SECONDS
        if self._looked is None or abs((now - self._looked).total_seconds()) >= lasts:
            self._felt = self._judge(self._sensors.read())
            self._looked = now
        return self._felt

    def _judge(self, reading: Reading) -> Obstacle | None:
        if reading.on_battery:
            return Obstacle("battery", "this machine runs on its battery", logging.INFO)
        if reading.celsius is not None and reading.celsius >= self._settings.celsius:
            reason = f"the processor has {reading.celsius:.0f} °C (celsius = {self._settings.celsius:g})"
            return Obstacle("heat", reason, logging.INFO)
        if reading.memory_free < LEAST_MEMORY or reading.memory_stalled > MOST_STALLED:
            return SHORT_OF_MEMORY
        if reading.others > MOST_OTHERS:
            return Obstacle("others", "other programs are at work", logging.DEBUG)
        return None
