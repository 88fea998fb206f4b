"""The CPU of this machine: the useful number of threads, and the instruction sets."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path

# More threads do not make one voice faster (Pi 5: 56 % efficient at 4).
MAX_THREADS = 4
CPUINFO = Path("/proc/cpuinfo")


def default_threads() -> int:
    """Return the default for the maximum number of threads of one inference."""
    if hasattr(os, "sched_getaffinity"):
        return min(MAX_THREADS, len(os.sched_getaffinity(0)))
    return min(MAX_THREADS, os.cpu_count() or 1)


def instruction_sets() -> frozenset[str]:
    """Return the Linux kernel's names of the CPU's instruction sets, such as `avx2` and `asimddp`.

    Empty when they are unknown. On macOS, Apple silicon has `asimddp` and an Intel Mac has none.
    """
    if platform.system() == "Darwin":
        return frozenset({"asimddp"}) if platform.machine() == "arm64" else frozenset()
    # x86-64 calls the line "flags", arm64 "Features".
    lines = re.findall(r"^(?:flags|Features)\s*: (.*)$", _read_cpuinfo(), re.MULTILINE)
    return frozenset(name for line in lines for name in line.split())


def cpu_identity() -> str:
    """Return a text that changes with the CPU's model and instruction sets."""
    names = re.findall(r"^(?:model name|flags|Features|CPU part)\s*: (.*)$", _read_cpuinfo(), re.MULTILINE)
    return " ".join([platform.machine(), platform.processor(), *sorted(set(names))])


def _read_cpuinfo() -> str:
    try:
        return CPUINFO.read_text("ascii", errors="replace")
    except OSError:
        return ""
