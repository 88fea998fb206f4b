"""What this house says most, made again before anyone asks when the voice, its speed or the model changes."""

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
    from wyoming_kokoro_warmup.notebook import Notebook

LONGEST = 300
"""Characters. Longer texts are said once, and may be anything."""
WAITING = 1000
"""What was said and is not kept yet; when more waits, the oldest is dropped."""


class Learned:
    """A strategy: phrases that this house has heard again and again."""

    name = "learned"

    def __init__(self, file: Path, clock: Callable[[], datetime], log: logging.Logger) -> None:
        """`clock` tells the local time. The file is not touched before something is kept."""
        self._file = file
        self._clock = clock
        self._log = log
        self._lock = threading.Lock()
        self._heard: deque[tuple[str, str, int]] = deque(maxlen=WAITING)
        self._default: str | None = None

    def listen(self, default: Voice) -> None:
        """Take note of what is said from now on. `default` is the voice of those who name none."""
        self._default = default.name

    def note(self, spoken: SegmentFinished) -> None:
        """Remember for a while that something was said, unless nobody keeps it. Returns at once."""
        text = spoken.text.encode(errors="ignore").decode().strip()  # no file takes half a surrogate pair
        if self._default is not None and 0 < len(text) <= LONGEST:
            voice = "" if spoken.voice == self._default else spoken.voice
            self._heard.append((text, voice, self._today))

    def keep(self) -> None:
        """Count on the disk what was noted. Blocks."""
        from wyoming_kokoro_warmup.notebook import Said  # noqa: PLC0415 sqlite3 is not needed before

        with self._lock:
            heard = [self._heard.popleft() for _ in range(len(self._heard))]
            if heard:
                self._notebook.write([Said(*one) for one in heard], self._today)

    def phrases(self, default: Voice) -> Iterator[Phrase]:
        """Return what is said again and again, in its own voice if that is not the default voice."""
        self.keep()
        for habit in self._notebook.habits(self._today):
            voice = habit.voice if habit.voice not in ("", default.name) else None
            yield Phrase(habit.text, habit.a_day, voice)

    def forget(self) -> None:
        """Drop everything, on the disk, too."""
        with self._lock:
            self._heard.clear()
            self._notebook.forget()

    @property
    def _today(self) -> int:
        return self._clock().date().toordinal()

    @cached_property
    def _notebook(self) -> Notebook:
        from wyoming_kokoro_warmup.notebook import Notebook  # noqa: PLC0415

        return Notebook(self._file, self._log)
