"""The C library's allocator: what it holds, and how it gives that back. glibc only; others know no such thing."""

from __future__ import annotations

import ctypes
from typing import Any

from wyoming_kokoro_memory_watchdog.snapshot import Heap

FIGURES = (
    "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
)  # fmt: skip


class _Figures(ctypes.Structure):
    """glibc's `struct mallinfo2`, see mallinfo(3): of all its arenas together."""

    _fields_ = tuple((name, ctypes.c_size_t) for name in FIGURES)


class Allocator:
    """The allocator of this process. Every method may take some milliseconds."""

    def __init__(self, library: Any = None) -> None:
        """`library` is the C library; None for the one that is loaded."""
        self._library = ctypes.CDLL(None) if library is None else library

    def heap(self) -> Heap | None:
        """Return what is held; None where that is not told (musl, macOS, glibc before 2.33)."""
        tell = getattr(self._library, "mallinfo2", None)
        if tell is None:
            return None
        tell.restype = _Figures
        figures = tell()
        return Heap(figures.uordblks + figures.hblkhd, figures.fordblks)

    def trim(self) -> None:
        """Give back to the system what is free, where the library knows how to."""
        trim = getattr(self._library, "malloc_trim", None)
        if trim is not None:
            trim(0)
