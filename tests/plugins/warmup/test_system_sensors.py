"""The machine's sensors: this machine's own, and those that it may not have."""

from __future__ import annotations

from types import SimpleNamespace
from typing import NamedTuple

import pytest

from wyoming_kokoro_warmup.system_sensors import SystemSensors


def test_this_machine_can_be_read() -> None:
    """Whatever it has: each reading is possible, and a busy loop of ours is not taken for somebody else's."""
    machine = SystemSensors()
    first = machine.read()
    assert first.others == 0
    assert sum(range(2_000_000)) > 0
    second = machine.read()
    for reading in (first, second):
        assert 0 < reading.memory_free <= 1
        assert 0 <= reading.memory_stalled <= 100
        assert 0 <= reading.others <= 100
        assert reading.celsius is None or 0 < reading.celsius < 130


class Times(NamedTuple):
    user: float
    idle: float
    iowait: float
    guest: float


def system(times: Times | None = None, own: float = 0.0, **told: object) -> SimpleNamespace:
    """Return what tells as psutil does: of a machine whose processors, and whose own process, have worked so long."""
    return SimpleNamespace(
        virtual_memory=lambda: SimpleNamespace(available=1, total=4),
        cpu_times=lambda: times or Times(0.0, 100.0, 0.0, 0.0),
        Process=lambda: SimpleNamespace(cpu_times=lambda: SimpleNamespace(user=own, system=0.0)),
        sensors_battery=lambda: told.get("battery"),
        sensors_temperatures=lambda: told.get("temperatures", {}),
    )


@pytest.mark.parametrize(("plugged", "on_battery"), [(True, False), (False, True), (None, False)])
def test_a_battery_that_is_not_charged_is_felt(plugged: bool | None, on_battery: bool) -> None:
    battery = SimpleNamespace(power_plugged=plugged)
    assert SystemSensors(lambda: system(battery=battery)).read().on_battery is on_battery
    assert SystemSensors(lambda: system(battery=None)).read().on_battery is False


def test_a_kernel_that_knows_no_power_supply_is_on_mains() -> None:
    def missing() -> None:
        raise FileNotFoundError(2, "No such file or directory", "/sys/class/power_supply")

    told = system()
    told.sensors_battery = missing
    assert SystemSensors(lambda: told).read().on_battery is False


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
def test_the_processors_hottest_sensor_counts(sensors: dict[str, list[float]], celsius: float | None) -> None:
    told = {name: [SimpleNamespace(current=value) for value in values] for name, values in sensors.items()}
    assert SystemSensors(lambda: system(temperatures=told)).read().celsius == celsius


def test_a_system_without_sensors_is_well() -> None:
    bare = system()
    del bare.sensors_battery, bare.sensors_temperatures
    reading = SystemSensors(lambda: bare).read()
    assert (reading.on_battery, reading.celsius, reading.memory_free) == (False, None, 0.25)


def test_our_own_work_is_not_somebody_elses() -> None:
    """Since the last look the processors worked for 80 of 100 seconds, 60 of which were ours."""
    looks = iter([system(), system(Times(80.0, 115.0, 5.0, 9.0), own=60.0)])
    machine = SystemSensors(lambda: next(looks))
    assert machine.read().others == 0.0
    assert machine.read().others == pytest.approx(20.0)
