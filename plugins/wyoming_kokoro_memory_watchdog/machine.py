"""The machine's own sensors, as far as it has them. What cannot be read is as if all were well."""

from __future__ import annotations

import ctypes
import logging
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from wyoming_kokoro.api.observations import Level
from wyoming_kokoro_memory_watchdog.allocator import Allocator
from wyoming_kokoro_memory_watchdog.cgroup import Group, groups, pressure_files
from wyoming_kokoro_memory_watchdog.reading import Bound, Reading

T = TypeVar("T")
STALLED = re.compile(r"^(some|full) avg10=(\d+(?:\.\d+)?)", re.MULTILINE | re.ASCII)
"""Of the kernel's pressure stall information, see `Documentation/accounting/psi.rst`."""
MACOS_LEVELS: dict[int, Level] = {1: "normal", 2: "high", 4: "critical"}
"""What `kern.memorystatus_vm_pressure_level` tells: normal, warning, critical."""


def _psutil() -> Any:
    import psutil  # noqa: PLC0415 not needed before

    return psutil


class Machine:
    """Feels by psutil, by the kernel's files and by the allocator."""

    def __init__(
        self,
        limit: int,
        log: logging.Logger,
        *,
        proc: Path = Path("/proc"),
        system: Callable[[], Any] = _psutil,
        allocator: Allocator | None = None,
        platform: str = sys.platform,
    ) -> None:
        """`limit` is how many bytes the owner allows this process, 0 for any; `system` returns psutil, or its like."""
        self._limit = limit
        self._log = log
        self._proc = proc
        self._system = system
        self._allocator = allocator or Allocator()
        self._platform = platform
        self._other = 0
        self._complaints: set[str] = set()

    def read(self) -> Reading:
        """Return how the memory is. Blocks for a moment, and never raises."""
        none: list[Group] = []
        found = self._try(self._groups, none)
        resident, private = self._try(self._process, (0, 0))
        some, full = self._try(lambda: self._stalled(found), (0.0, 0.0))
        bounds = [self._try(self._machine, None), self._own(resident)]
        bounds += [self._try(group.bound, None) for group in found]
        return Reading(
            resident=resident,
            private=private,
            heap=self._try(self._allocator.heap, None),
            other=self._other,
            bounds=tuple(bound for bound in bounds if bound),
            some_stalled=some,
            all_stalled=full,
            kernel_level=self._try(self._kernel_level, "normal"),
        )

    def trim(self) -> None:
        """Give back to the system what the allocator has free. Blocks for a moment, and never raises."""
        self._try(self._allocator.trim, None)
        heap = self._try(self._allocator.heap, None)
        if heap:
            self._other = max(0, self._try(self._process, (0, 0))[1] - heap.used)

    def _groups(self) -> list[Group]:
        own, mounts = (self._text(self._proc / "self" / name) for name in ("cgroup", "mountinfo"))
        return list(dict.fromkeys(groups(own, mounts)))

    def _process(self) -> tuple[int, int]:
        told = self._system().Process().memory_info()
        return told.rss, max(0, told.rss - getattr(told, "shared", 0))

    def _machine(self) -> Bound | None:
        memory = self._system().virtual_memory()
        return Bound("the machine", memory.total, memory.available) if memory.total > 0 else None

    def _own(self, resident: int) -> Bound | None:
        if not (self._limit and resident):
            return None
        return Bound("this process (limit_mb)", self._limit, max(0, self._limit - resident))

    def _stalled(self, found: list[Group]) -> tuple[float, float]:
        told: dict[str, float] = {"some": 0.0, "full": 0.0}
        for file in (self._proc / "pressure" / "memory", *pressure_files(found)):
            for kind, value in STALLED.findall(self._text(file)):
                told[kind] = max(told[kind], min(100.0, float(value)))
        return told["some"], told["full"]

    def _kernel_level(self) -> Level:
        """Ask macOS. Never run on a Mac; elsewhere there is nobody to ask."""
        if self._platform != "darwin":
            return "normal"
        told, size = ctypes.c_int(0), ctypes.c_size_t(ctypes.sizeof(ctypes.c_int))
        name = b"kern.memorystatus_vm_pressure_level"
        ctypes.CDLL(None).sysctlbyname(name, ctypes.byref(told), ctypes.byref(size), None, ctypes.c_size_t(0))
        return MACOS_LEVELS.get(told.value, "normal")

    def _text(self, file: Path) -> str:
        """Return the content of a file of the kernel; nothing when it is not there."""
        try:
            return file.read_text("utf-8", errors="replace")
        except OSError:
            return ""

    def _try(self, read: Callable[[], T], otherwise: T) -> T:
        try:
            return read()
        except Exception as error:  # noqa: BLE001 a sensor may fail in any way, and the others are of use without it
            level = logging.DEBUG if repr(error) in self._complaints else logging.INFO
            self._log.log(level, "Something of the memory cannot be read: %r", error)
            self._complaints.add(repr(error))
            return otherwise
