"""Decides whether warmup may work now, and how long it rests after each phrase."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from wyoming_kokoro_warmup.settings import Settings

MAX_OTHER_CPU_PERCENT = 50.0
READ_INTERVAL_SECONDS = 5.0
# A pause lasts longer than a good state is trusted, so that warmup does not flutter at a limit.
PAUSE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class SystemState:
    """The state of the machine. A value that the machine cannot measure keeps its default."""

    on_battery: bool = False
    cpu_celsius: float | None = None
    other_cpu_percent: float = 0.0
    """CPU time of other programs since the last reading, in percent of all CPUs."""


@dataclass(frozen=True, slots=True)
class PauseReason:
    """Why warmup may not work now."""

    name: str
    message: str
    log_level: int
    """INFO if the operator can change the reason, else DEBUG."""


class Throttle:
    """Keeps warmup within its limits. Used by one thread at a time."""

    def __init__(
        self, settings: Settings, clock: Callable[[], datetime], read_state: Callable[[], SystemState]
    ) -> None:
        """`clock` returns the local time."""
        self._settings = settings
        self._clock = clock
        self._read_state = read_state
        self.is_memory_short = False
        self._read_at: datetime | None = None
        self._system_reason: PauseReason | None = None
        self._work_seconds: dict[date, float] = defaultdict(float)

    def pause_reason(self, idle_seconds: float) -> PauseReason | None:
        """Return why no phrase may be started now, or None. Blocks while it reads sensors."""
        if idle_seconds < self._settings.idle_seconds:
            return PauseReason("speech", "the server is not idle", logging.DEBUG)
        limit = self._settings.max_minutes_per_day
        if self._work_seconds[self.today] >= limit * 60:
            return PauseReason("budget", f"today's budget is spent; max_minutes_per_day = {limit:g}", logging.INFO)
        if self.is_memory_short:
            return PauseReason("memory", "memory is short", logging.INFO)
        return self._check_system()

    def add_work(self, work_seconds: float) -> float:
        """Add `work_seconds` to the work of today. Return the seconds to rest."""
        self._work_seconds[self.today] += work_seconds
        return work_seconds * (100.0 / self._settings.cpu_percent - 1.0)

    @property
    def today(self) -> date:
        """The local date."""
        return self._clock().date()

    def _check_system(self) -> PauseReason | None:
        now = self._clock()
        max_age = PAUSE_SECONDS if self._system_reason else READ_INTERVAL_SECONDS
        # The absolute value: the clock may be set back.
        if self._read_at is None or abs((now - self._read_at).total_seconds()) >= max_age:
            self._system_reason = self._assess(self._read_state())
            self._read_at = now
        return self._system_reason

    def _assess(self, state: SystemState) -> PauseReason | None:
        limit = self._settings.max_cpu_celsius
        if state.on_battery:
            return PauseReason("battery", "the machine runs on battery", logging.INFO)
        if state.cpu_celsius is not None and state.cpu_celsius >= limit:
            message = f"the CPU has {state.cpu_celsius:.0f} °C; max_cpu_celsius = {limit:g}"
            return PauseReason("heat", message, logging.INFO)
        if state.other_cpu_percent > MAX_OTHER_CPU_PERCENT:
            return PauseReason("load", "other programs use the CPU", logging.DEBUG)
        return None
