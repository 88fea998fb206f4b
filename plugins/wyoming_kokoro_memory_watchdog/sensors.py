"""Reads how much memory the process, its container and the machine have left."""

from __future__ import annotations

import ctypes
import logging
import re
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from wyoming_kokoro.api.observations import Level
from wyoming_kokoro_memory_watchdog.cgroup import memory_groups, memory_limit, read_text
from wyoming_kokoro_memory_watchdog.snapshot import MemoryLimit, MemorySnapshot

T = TypeVar("T")
# Pressure stall information (PSI), described in the kernel's Documentation/accounting/psi.rst.
PSI_AVERAGE = re.compile(r"^(some|full) avg10=(\d+(?:\.\d+)?)", re.MULTILINE | re.ASCII)
# Values of kern.memorystatus_vm_pressure_level: normal, warning, critical.
MACOS_LEVELS: dict[int, Level] = {1: "normal", 2: "high", 4: "critical"}


class MemorySensors:
    """Reads psutil, the kernel's files and macOS's memory pressure.

    A sensor that fails is logged once and counts as missing. All methods block for some milliseconds and never raise.
    """

    def __init__(self, limit_bytes: int, log: logging.Logger, proc: Path = Path("/proc")) -> None:
        """`limit_bytes` is the operator's own limit for this process; 0 means none."""
        self._limit_bytes = limit_bytes
        self._log = log
        self._proc = proc
        self._logged_errors: set[str] = set()

    def read(self) -> MemorySnapshot:
        """Return the present readings."""
        import psutil  # noqa: PLC0415 imported on the worker thread, since it takes some milliseconds

        groups: Sequence[Path] = self._try(self._groups, ())
        resident = self._try(lambda: int(psutil.Process().memory_info().rss), 0)
        some, full = self._try(lambda: self._stalled_percent(groups), (0.0, 0.0))
        limits = [self._try(lambda: _machine_limit(psutil.virtual_memory()), None), self._process_limit(resident)]
        limits += [self._try(partial(memory_limit, group), None) for group in groups]
        return MemorySnapshot(
            resident,
            tuple(limit for limit in limits if limit),
            some_stalled_percent=some,
            all_stalled_percent=full,
            system_level=self._try(_macos_level, "normal"),
        )

    def trim(self) -> None:
        """Return free heap memory to the system. Only glibc can do this."""
        self._try(_trim_heap, None)

    def _groups(self) -> Sequence[Path]:
        membership, mounts = (read_text(self._proc / "self" / name) for name in ("cgroup", "mountinfo"))
        return list(dict.fromkeys(memory_groups(membership, mounts)))

    def _process_limit(self, resident_bytes: int) -> MemoryLimit | None:
        if not (self._limit_bytes and resident_bytes):
            return None
        available = max(0, self._limit_bytes - resident_bytes)
        return MemoryLimit("this process (limit_mb)", self._limit_bytes, available)

    def _stalled_percent(self, groups: Sequence[Path]) -> tuple[float, float]:
        """Return PSI's `some` and `full`, the highest of the machine and of all groups."""
        percent = {"some": 0.0, "full": 0.0}
        files = [self._proc / "pressure" / "memory", *(group / "memory.pressure" for group in groups)]
        for file in files:
            for kind, value in PSI_AVERAGE.findall(read_text(file)):
                percent[kind] = max(percent[kind], min(100.0, float(value)))
        return percent["some"], percent["full"]

    def _try(self, read: Callable[[], T], default: T) -> T:
        try:
            return read()
        except Exception as error:  # noqa: BLE001 a broken sensor must not stop the others
            level = logging.DEBUG if repr(error) in self._logged_errors else logging.INFO
            self._log.log(level, "Memory sensor failed: %r", error)
            self._logged_errors.add(repr(error))
            return default


def _machine_limit(memory: Any) -> MemoryLimit | None:
    return MemoryLimit("the machine", memory.total, memory.available) if memory.total > 0 else None


def _macos_level() -> Level:
    """Return the memory pressure that macOS reports. This was never run on a Mac."""
    if sys.platform != "darwin":
        return "normal"
    value, size = ctypes.c_int(0), ctypes.c_size_t(ctypes.sizeof(ctypes.c_int))
    name = b"kern.memorystatus_vm_pressure_level"
    ctypes.CDLL(None).sysctlbyname(name, ctypes.byref(value), ctypes.byref(size), None, ctypes.c_size_t(0))
    return MACOS_LEVELS.get(value.value, "normal")


def _trim_heap() -> None:
    library = ctypes.CDLL(None)
    if hasattr(library, "malloc_trim"):
        library.malloc_trim(0)
