from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import NamedTuple

import pytest

from wyoming_kokoro_warmup.system_sensors import SystemSensors
from wyoming_kokoro_warmup.throttle import SystemState


def test_sensors_of_this_machine_are_plausible() -> None:
    sensors = SystemSensors()
    first = sensors.read()
    assert first.other_cpu_percent == 0
    assert sum(range(2_000_000)) > 0
    for state in (first, sensors.read()):
        assert 0 <= state.other_cpu_percent <= 100
        assert state.cpu_celsius is None or 0 < state.cpu_celsius < 130


class CpuTimes(NamedTuple):
    user: float
    idle: float
    iowait: float
    guest: float


def read_state(psutil: SimpleNamespace, sensors: SystemSensors | None = None) -> SystemState:
    """Return the state of a machine with this psutil."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "psutil", psutil)
        return (sensors or SystemSensors()).read()


def fake_psutil(times: CpuTimes | None = None, own_seconds: float = 0.0, **sensors: object) -> SimpleNamespace:
    return SimpleNamespace(
        cpu_times=lambda: times or CpuTimes(0.0, 100.0, 0.0, 0.0),
        Process=lambda: SimpleNamespace(cpu_times=lambda: SimpleNamespace(user=own_seconds, system=0.0)),
        sensors_battery=lambda: sensors.get("battery"),
        sensors_temperatures=lambda: sensors.get("temperatures", {}),
    )


@pytest.mark.parametrize(("plugged", "on_battery"), [(True, False), (False, True), (None, False)])
def test_unplugged_battery_is_detected(plugged: bool | None, on_battery: bool) -> None:
    battery = SimpleNamespace(power_plugged=plugged)
    assert read_state(fake_psutil(battery=battery)).on_battery is on_battery
    assert read_state(fake_psutil(battery=None)).on_battery is False


def test_missing_power_supply_class_means_mains() -> None:
    def fail() -> None:
        raise FileNotFoundError(2, "No such file or directory", "/sys/class/power_supply")

    psutil = fake_psutil()
    psutil.sensors_battery = fail
    assert read_state(psutil).on_battery is False


@pytest.mark.parametrize(
    ("sensors", "celsius"),
    [
        ({}, None),
        ({"coretemp": [50.0, 61.5]}, 61.5),
        ({"cpu_thermal": [48.2], "nvme": [70.0]}, 48.2),
        ({"soc_thermal": [0.0]}, None),
        ({"k10temp": [1000.0, 40.0]}, 40.0),
        ({"iwlwifi_1": [66.0]}, None),
    ],
)
def test_hottest_valid_cpu_sensor_counts(sensors: dict[str, list[float]], celsius: float | None) -> None:
    entries = {name: [SimpleNamespace(current=value) for value in values] for name, values in sensors.items()}
    assert read_state(fake_psutil(temperatures=entries)).cpu_celsius == celsius


def test_missing_sensors_report_defaults() -> None:
    bare = fake_psutil()
    del bare.sensors_battery, bare.sensors_temperatures
    state = read_state(bare)
    assert (state.on_battery, state.cpu_celsius) == (False, None)


def test_own_cpu_time_is_not_load_of_other_programs() -> None:
    """Of 100 seconds the CPUs worked 80, and 60 of these for this process."""
    sensors = SystemSensors()
    assert read_state(fake_psutil(), sensors).other_cpu_percent == 0.0
    later = fake_psutil(CpuTimes(80.0, 115.0, 5.0, 9.0), own_seconds=60.0)
    assert read_state(later, sensors).other_cpu_percent == pytest.approx(20.0)
