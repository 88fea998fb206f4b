"""What the processor is good at, as far as OpenVINO makes use of it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

HALVES = frozenset({"avx512_bf16", "amx_bf16"})
"""The kernel's names for instructions that multiply bfloat16. OpenVINO computes in it on x86-64 only."""
BYTES = frozenset({"avx2"})
"""Those that multiply bytes faster than floats; all better ones come with them. OpenVINO computes quantised graphs in
float on Arm."""
CPUINFO = Path("/proc/cpuinfo")


def best_precision() -> Literal["mixed", "int8", "float"]:
    """Return the class of precision that is fastest here; `float` where that cannot be known."""
    try:
        return best_for(CPUINFO.read_text("ascii", errors="replace").splitlines())
    except OSError:
        return "float"


def best_for(lines: Iterable[str]) -> Literal["mixed", "int8", "float"]:
    """Return the class of precision that is fastest on a processor with these lines in `/proc/cpuinfo`."""
    known = {flag for line in lines if line.startswith("flags") for flag in line.partition(":")[2].split()}
    if known.isdisjoint(BYTES):
        return "float"
    return "int8" if known.isdisjoint(HALVES) else "mixed"
