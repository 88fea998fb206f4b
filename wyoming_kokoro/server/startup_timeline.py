"""The story of a start: what was ready when."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path

import psutil


class StartupTimeline:
    """Moments, in seconds since the process began. May be marked from any thread."""

    def __init__(self) -> None:
        self._began = time.monotonic() - _age()
        self._moments: dict[str, float] = {}

    @property
    def now(self) -> float:
        """Seconds since the process began."""
        return time.monotonic() - self._began

    @property
    def moments(self) -> Mapping[str, float]:
        """What was marked, the earliest first."""
        return dict(sorted(self._moments.items(), key=lambda moment: moment[1]))

    def mark(self, what: str) -> None:
        """Note that `what` is ready now; only the first time counts."""
        self._moments.setdefault(what, self.now)


def _age() -> float:
    """Return how many seconds ago this process began."""
    if not hasattr(time, "CLOCK_BOOTTIME"):
        return time.time() - psutil.Process().create_time()
    # psutil adds the time of the boot, which Linux tells in whole seconds.
    ticks = int(Path("/proc/self/stat").read_text("ascii", "replace").rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
