"""What the processor is good at."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from pathlib import Path

BYTE_PRODUCTS = frozenset({"avx2", "asimddp"})
"""The kernel's names for instructions that multiply bytes faster than floats: x86-64's, then arm64's. All processors
with better ones have these."""
CPUINFO = Path("/proc/cpuinfo")


def multiplies_bytes() -> bool:
    """Return whether int8 convolutions are faster than float ones here."""
    if platform.system() == "Darwin":  # every Apple chip has the dot product, which no Intel Mac has
        return platform.machine() == "arm64"
    try:
        return has_byte_products(CPUINFO.read_text("ascii", errors="replace").splitlines())
    except OSError:
        return False


def has_byte_products(lines: Iterable[str]) -> bool:
    """Return whether lines of `/proc/cpuinfo` list such instructions."""
    flags = (line.partition(":")[2] for line in lines if line.lower().startswith(("flags", "features")))
    return any(not BYTE_PRODUCTS.isdisjoint(line.split()) for line in flags)
