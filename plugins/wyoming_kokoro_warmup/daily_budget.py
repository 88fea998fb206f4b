"""What a day's warming has taken, kept so that a restart does not begin the day anew."""

from __future__ import annotations

import logging
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec


@dataclass(frozen=True, slots=True)
class DailyUsage:
    """What was spent on a day."""

    day: str = ""
    """As `2026-01-31`."""
    work_seconds: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    bytes: Annotated[int, msgspec.Meta(ge=0)] = 0


class DailyUsageFile:
    """A `DailyUsage` on the disk. Every method blocks, and none fails: what cannot be kept is not."""

    def __init__(self, file: Path, log: logging.Logger) -> None:
        self._file = file
        self._log = log
        self._lock = threading.Lock()
        self._complained = False

    def read(self) -> DailyUsage:
        """Return what was written last; an empty day when there is nothing that can be read."""
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=DailyUsage)
        except FileNotFoundError:
            return DailyUsage()
        except (OSError, msgspec.DecodeError) as error:
            self._complain("read", error)
            return DailyUsage()

    def write(self, day: DailyUsage) -> None:
        """Keep `day` in place of what was kept."""
        part = self._file.with_suffix(".part")
        try:
            with self._lock:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                with part.open("wb") as stream:
                    stream.write(msgspec.json.encode(day))
                    stream.flush()
                    os.fsync(stream.fileno())
                part.replace(self._file)
        except OSError as error:
            self._complain("written", error)

    def _complain(self, what: str, error: Exception) -> None:
        if not self._complained:
            self._log.warning("%s cannot be %s (%s); each start has a new day's budget", self._file, what, error)
        self._complained = True
