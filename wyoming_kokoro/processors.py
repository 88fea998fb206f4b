"""The CPU of this machine: how many threads are useful, and which instruction sets there are."""

from __future__ import annotations

import os
import platform
from pathlib import Path

# More threads do not make one voice faster (Pi 5: 56 % efficient at 4).
MAX_THREADS = 4
CPUINFO = Path("/proc/cpuinfo")


def processors() -> int:
    """Return how many threads one inference gets at most by default."""
    if hasattr(os, "sched_getaffinity"):
        return min(MAX_THREADS, len(os.sched_getaffinity(0)))
    return min(MAX_THREADS, os.cpu_count() or 1)


def instruction_sets(file: Path = CPUINFO) -> frozenset[str]:
    """Return the Linux kernel's names of the CPU's instruction sets, such as `avx2` and `asimddp`.

    Empty when they are unknown. On macOS, Apple silicon has `asimddp` and an Intel Mac has none.
    """
    if platform.system() == "Darwin":
        return frozenset({"asimddp"}) if platform.machine() == "arm64" else frozenset()
    try:
        lines = file.read_text("ascii", errors="replace").splitlines()
    except OSError:
        return frozenset()
    # x86-64 calls the line "flags", arm64 "Features".
    names = (line.partition(":")[2] for line in lines if line.lower().startswith(("flags", "features")))
    return frozenset(name for text in names for name in text.split())
