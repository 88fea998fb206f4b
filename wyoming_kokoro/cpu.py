"""How many processors there are for us."""

from __future__ import annotations

import os

MOST_THREADS = 4
"""More threads do not make one voice faster (Pi 5: 56 % efficient at 4)."""


def processors() -> int:
    """Return how many threads one inference gets at most by default."""
    if hasattr(os, "sched_getaffinity"):
        return min(MOST_THREADS, len(os.sched_getaffinity(0)))
    return min(MOST_THREADS, os.cpu_count() or 1)
