"""When each part of the server became ready."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path

import psutil


class StartupTimeline:
    """Records moments in seconds since the process started. Any thread may call `mark`."""

    def __init__(self) -> None:
        self._started_at = time.monotonic() - _process_age()
        self._moments: dict[str, float] = {}

    @property
    def now(self) -> float:
        """Seconds since the process started."""
        return time.monotonic() - self._started_at

    @property
    def moments(self) -> Mapping[str, float]:
        """The recorded moments by name, earliest first."""
        return dict(sorted(self._moments.items(), key=lambda moment: moment[1]))

    def mark(self, name: str) -> None:
        """Record that `name` is ready now. Later calls with the same name change nothing."""
        self._moments.setdefault(name, self.now)


def _process_age() -> float:
    """Return the seconds since this process started, or 0 where the system does not tell."""
    if not hasattr(time, "CLOCK_BOOTTIME"):
        return time.time() - psutil.Process().create_time()
    # psutil adds the boot time, which Linux reports in whole seconds only. The start time in ticks since boot is exact.
    try:
        ticks = int(Path("/proc/self/stat").read_text("ascii", "replace").rpartition(")")[2].split()[19])
    except OSError:
        return 0.0
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
