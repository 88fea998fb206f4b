"""Phrases that this server speaks often."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from wyoming_kokoro import Phrase, SteadyClock, Voice
from wyoming_kokoro.api.observations import SegmentFinished
from wyoming_kokoro_warmup.usage_database import UsageDatabase

# Longer texts are rarely spoken twice.
MAX_CHARACTERS = 300
MAX_UNSAVED = 1000
DAY_SECONDS = 24 * 3600


class LearnedPhrases:
    """Warmup strategy: phrases that were spoken often, for a new synthesis after a change of voice, speed or model."""

    name = "learned"

    def __init__(
        self,
        file: Path,
        clock: Callable[[], datetime],
        log: logging.Logger,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` returns the local time. The file is created when something is saved."""
        self._database = UsageDatabase(file, log)
        self._clock = clock
        self._monotonic = monotonic
        self._steady_clock: SteadyClock | None = None
        self._lock = threading.Lock()
        self._unsaved: deque[tuple[str, str]] = deque(maxlen=MAX_UNSAVED)
        """Text and voice; the voice is empty for the default voice."""
        self._default: str | None = None

    def start(self, default: Voice) -> None:
        """Begin to collect phrases. `default` is the default voice."""
        self._default = default.name

    def add(self, spoken: SegmentFinished) -> None:
        """Collect a spoken segment until the next `save`. Does nothing before `start`."""
        # SQLite cannot store lone surrogates.
        text = spoken.text.encode(errors="ignore").decode().strip()
        if self._default is not None and 0 < len(text) <= MAX_CHARACTERS:
            voice = "" if spoken.voice == self._default else spoken.voice
            self._unsaved.append((text, voice))

    def save(self) -> None:
        """Write the collected segments to the database. Blocks."""
        with self._lock:
            unsaved = [self._unsaved.popleft() for _ in range(len(self._unsaved))]
            if unsaved:
                today = self._today()
                self._database.add([(text, voice, today) for text, voice in unsaved], today)

    def phrases(self, default: Voice) -> Sequence[Phrase]:  # noqa: ARG002 the queue omits the default voice's name
        """Return the frequent phrases. Phrases of another voice than the default name their voice."""
        self.save()
        return self._database.frequent_phrases(self._today())

    def forget(self) -> None:
        """Delete everything that was learned, in the database too."""
        with self._lock:
            self._unsaved.clear()
            self._database.clear()

    def _today(self) -> int:
        """Return the number of the day, as in `date.toordinal` if the system clock was always right. May block."""
        if self._steady_clock is None:
            now, newest_day = self._clock(), self._database.newest_day()
            midnight = now.date().toordinal() * DAY_SECONDS
            self._steady_clock = SteadyClock(
                None if newest_day is None else newest_day * DAY_SECONDS,
                midnight + now.hour * 3600 + now.minute * 60,
                self._monotonic,
            )
        return int(self._steady_clock() // DAY_SECONDS)
