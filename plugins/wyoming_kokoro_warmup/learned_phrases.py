"""Phrases that this server speaks often."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from wyoming_kokoro import Phrase, Voice
from wyoming_kokoro.api.observations import SegmentFinished

if TYPE_CHECKING:
    from wyoming_kokoro_warmup.usage_database import UsageDatabase

# Longer texts are rarely spoken twice.
MAX_CHARACTERS = 300
MAX_UNSAVED = 1000


class LearnedPhrases:
    """Warmup strategy: phrases that were spoken often, for a new synthesis after a change of voice, speed or model."""

    name = "learned"

    def __init__(self, file: Path, clock: Callable[[], datetime], log: logging.Logger) -> None:
        """`clock` returns the local time. The file is created when something is saved."""
        self._file = file
        self._clock = clock
        self._log = log
        self._lock = threading.Lock()
        self._unsaved: deque[tuple[str, str, int]] = deque(maxlen=MAX_UNSAVED)
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
            self._unsaved.append((text, voice, self._today))

    def save(self) -> None:
        """Write the collected segments to the database. Blocks."""
        from wyoming_kokoro_warmup.usage_database import SpokenText  # noqa: PLC0415 imports sqlite3

        with self._lock:
            unsaved = [self._unsaved.popleft() for _ in range(len(self._unsaved))]
            if unsaved:
                self._database.add([SpokenText(*values) for values in unsaved], self._today)

    def phrases(self, default: Voice) -> Iterator[Phrase]:
        """Return the frequent phrases. Phrases of another voice than the default name their voice."""
        self.save()
        for frequent in self._database.frequent_phrases(self._today):
            voice = frequent.voice if frequent.voice not in ("", default.name) else None
            yield Phrase(frequent.text, frequent.requests_per_day, voice)

    def forget(self) -> None:
        """Delete everything that was learned, in the database too."""
        with self._lock:
            self._unsaved.clear()
            self._database.clear()

    @property
    def _today(self) -> int:
        return self._clock().date().toordinal()

    @cached_property
    def _database(self) -> UsageDatabase:
        from wyoming_kokoro_warmup.usage_database import UsageDatabase  # noqa: PLC0415 imports sqlite3

        return UsageDatabase(self._file, self._log)
