"""The machine's own sensors, as far as it has them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wyoming_kokoro_warmup.throttle import SystemState

PRESSURE = (Path("/proc/pressure/memory"), Path("/sys/fs/cgroup/memory.pressure"))
"""Of the whole machine, and of the container that this runs in."""
SOME = re.compile(r"^some avg10=([\d.]+)", re.MULTILINE)
PROCESSORS = re.compile(r"coretemp|k10temp|zenpower|cpu|soc")
"""Names of sensors in or at the processor."""
SENSIBLE = range(1, 130)
"""Degrees Celsius; some sensors that are not there tell zero, or a thousand."""


def _psutil() -> Any:
    import psutil  # noqa: PLC0415 not needed before

    return psutil


class SystemSensors:
    """Feels by psutil, and by the kernel's files. Every method blocks for a moment."""

    def __init__(self, system: Callable[[], Any] = _psutil) -> None:
        """`system` returns what tells as psutil does."""
        self._system = system
        self._before = (0.0, 0.0, 0.0)

    def read(self) -> SystemState:
        """Return how the machine is; the first time, other programs do nothing."""
        psutil = self._system()
        memory = psutil.virtual_memory()
        free = memory.available / memory.total if memory.total else 1.0
        return SystemState(_on_battery(psutil), _celsius(psutil), free, _stalled(), self._others(psutil))

    def _others(self, psutil: Any) -> float:
        times, own = psutil.cpu_times(), psutil.Process().cpu_times()
        # Linux counts a guest's time as a user's, too.
        total = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
        busy = total - times.idle - getattr(times, "iowait", 0.0)
        now = (total, busy, own.user + own.system)
        passed, worked, ours = (after - before for after, before in zip(now, self._before, strict=True))
        first, self._before = self._before == (0.0, 0.0, 0.0), now
        return 0.0 if first or passed <= 0 else min(100.0, max(0.0, 100 * (worked - ours) / passed))


def _on_battery(psutil: Any) -> bool:
    """Not every system can tell, and few have one."""
    try:
        battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    except OSError:  # a kernel without power supplies, as in a container on a server
        return False
    return battery is not None and battery.power_plugged is False


def _celsius(psutil: Any) -> float | None:
    """Return what the hottest sensor of the processor tells; macOS and Windows tell nothing."""
    sensors = psutil.sensors_temperatures() if hasattr(psutil, "sensors_temperatures") else {}
    told = [entry.current for name, entries in sensors.items() if PROCESSORS.search(name) for entry in entries]
    return max((value for value in told if value and int(value) in SENSIBLE), default=None)


def _stalled() -> float:
    """Return the memory pressure that Linux tells, in per cent."""
    found = 0.0
    for file in PRESSURE:
        try:
            match = SOME.search(file.read_text("ascii"))
        except (OSError, ValueError):  # an old kernel, or one without it
            continue
        found = max(found, float(match.group(1)) if match else 0.0)
    return found
