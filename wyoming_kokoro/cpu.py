"""How many processors there are for us."""

from __future__ import annotations

import platform
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass

import os

MAX_THREADS = 4
"""More threads do not make one voice faster (Pi 5: 56 % efficient at 4)."""


def default_threads() -> int:
    """Return how many threads one inference gets at most by default."""
    if hasattr(os, "sched_getaffinity"):
        return min(MAX_THREADS, len(os.sched_getaffinity(0)))
    return min(MAX_THREADS, os.cpu_count() or 1)


CPUINFO = Path("/proc/cpuinfo")


def cpu_features() -> str:
    """Return what the processor is and can do: a form may use instructions that another one lacks."""
    try:
        text = CPUINFO.read_text("ascii", errors="replace")
    except OSError:
        text = ""
    features = sorted(set(re.findall(r"^(?:model name|flags|Features|CPU part)\s*: (.*)$", text, re.MULTILINE)))
    return " ".join([platform.machine(), platform.processor(), *features])
