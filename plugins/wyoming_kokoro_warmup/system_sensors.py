"""Battery, CPU temperature and CPU load, read with psutil."""

from __future__ import annotations

import re
from typing import Any

from wyoming_kokoro_warmup.throttle import SystemState

CPU_SENSORS = re.compile(r"coretemp|k10temp|zenpower|cpu|soc")
# Disconnected sensors report 0 or 1000 °C.
VALID_CELSIUS = range(1, 130)


class SystemSensors:
    """Reads the state of the machine."""

    _last_times: tuple[float, float, float] | None = None

    def read(self) -> SystemState:
        """Return the current state. The first reading reports no CPU load. Blocks."""
        import psutil  # noqa: PLC0415 not needed at startup

        return SystemState(_is_on_battery(psutil), _cpu_celsius(psutil), self._other_cpu_percent(psutil))

    def _other_cpu_percent(self, psutil: Any) -> float:
        times, own = psutil.cpu_times(), psutil.Process().cpu_times()
        # Linux includes the time of virtual machines in the user time, too.
        total = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
        busy = total - times.idle - getattr(times, "iowait", 0.0)
        now = (total, busy, own.user + own.system)
        last, self._last_times = self._last_times or now, now
        total, busy, own_busy = (after - before for after, before in zip(now, last, strict=True))
        return min(100.0, max(0.0, 100 * (busy - own_busy) / total)) if total > 0 else 0.0


def _is_on_battery(psutil: Any) -> bool:
    try:
        battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    except OSError:  # containers have no /sys/class/power_supply
        return False
    return battery is not None and battery.power_plugged is False


def _cpu_celsius(psutil: Any) -> float | None:
    """Return the highest CPU temperature; None on macOS and Windows, where psutil reads none."""
    sensors = psutil.sensors_temperatures() if hasattr(psutil, "sensors_temperatures") else {}
    values = [entry.current for name, entries in sensors.items() if CPU_SENSORS.search(name) for entry in entries]
    return max((value for value in values if value and int(value) in VALID_CELSIUS), default=None)
