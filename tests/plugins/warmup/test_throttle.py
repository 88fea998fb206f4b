from __future__ import annotations

import logging
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.warmup_fakes import FakeLocalTime, FakeSensors
from wyoming_kokoro_warmup.settings import Settings
from wyoming_kokoro_warmup.throttle import PAUSE_SECONDS, READ_INTERVAL_SECONDS, SystemState, Throttle

LONG_IDLE = 1e6


class ThrottleBench:
    """A throttle with a fake clock and fake sensors."""

    def __init__(self, settings: Settings | None = None, state: SystemState | None = None) -> None:
        self.clock, self.sensors = FakeLocalTime(), FakeSensors(state)
        self.throttle = Throttle(settings or Settings(), self.clock, self.sensors.read)

    def reason(self, idle_seconds: float = LONG_IDLE) -> str | None:
        reason = self.throttle.pause_reason(idle_seconds)
        return reason.name if reason else None


@pytest.mark.parametrize(
    ("state", "name"),
    [
        (SystemState(), None),
        (SystemState(cpu_celsius=74.9), None),
        (SystemState(cpu_celsius=75.0), "heat"),
        (SystemState(on_battery=True), "battery"),
        (SystemState(other_cpu_percent=49.0), None),
        (SystemState(other_cpu_percent=51.0), "load"),
    ],
)
def test_state_of_the_machine_pauses_warmup(state: SystemState, name: str | None) -> None:
    assert ThrottleBench(state=state).reason() == name


@pytest.mark.parametrize(("idle_seconds", "name"), [(0.0, "speech"), (9.9, "speech"), (10.0, None)])
def test_warmup_pauses_until_the_server_is_idle(idle_seconds: float, name: str | None) -> None:
    bench = ThrottleBench()
    assert bench.reason(idle_seconds) == name
    assert bench.sensors.readings == (name is None), "sensors are read only when the server is idle"


def test_only_reasons_that_the_operator_can_change_are_logged() -> None:
    for state, level in (
        (SystemState(cpu_celsius=81.4), logging.INFO),
        (SystemState(on_battery=True), logging.INFO),
        (SystemState(other_cpu_percent=90), logging.DEBUG),
    ):
        reason = ThrottleBench(state=state).throttle.pause_reason(LONG_IDLE)
        assert reason is not None
        assert reason.log_level == level
    hot = ThrottleBench(Settings(max_cpu_celsius=60), SystemState(cpu_celsius=81.4)).throttle.pause_reason(LONG_IDLE)
    assert hot is not None
    assert hot.message == "the CPU has 81 °C; max_cpu_celsius = 60"


def test_spent_budget_pauses_warmup_until_the_next_day() -> None:
    bench = ThrottleBench(Settings(max_minutes_per_day=1))
    bench.throttle.add_work(59.0)
    assert bench.reason() is None
    bench.throttle.add_work(2.0)
    assert bench.reason() == "budget"
    bench.clock.advance(days=1)
    assert bench.reason() is None


def test_budget_of_zero_pauses_warmup_forever() -> None:
    assert ThrottleBench(Settings(max_minutes_per_day=0)).reason() == "budget"


def test_memory_pressure_pauses_warmup() -> None:
    bench = ThrottleBench()
    bench.throttle.is_memory_short = True
    assert bench.reason() == "memory"
    bench.throttle.is_memory_short = False
    assert bench.reason() is None


def test_sensors_are_read_at_intervals_and_a_pause_lasts_a_minute() -> None:
    bench = ThrottleBench()
    for _ in range(5):
        assert bench.reason() is None
    assert bench.sensors.readings == 1
    bench.sensors.state = SystemState(cpu_celsius=90)
    bench.clock.advance(seconds=READ_INTERVAL_SECONDS)
    assert bench.reason() == "heat"
    bench.sensors.state = SystemState()
    bench.clock.advance(seconds=PAUSE_SECONDS - 1)
    assert bench.reason() == "heat"
    bench.clock.advance(seconds=1)
    assert bench.reason() is None
    assert bench.sensors.readings == 3


def test_clock_set_back_does_not_prolong_a_pause() -> None:
    bench = ThrottleBench(state=SystemState(cpu_celsius=90))
    assert bench.reason() == "heat"
    bench.sensors.state = SystemState()
    bench.clock.advance(days=-400)
    assert bench.reason() is None


@pytest.mark.parametrize(("percent", "seconds"), [(100, 0.0), (50, 2.0), (25, 6.0), (10, 18.0)])
def test_rest_follows_cpu_percent(percent: float, seconds: float) -> None:
    throttle = ThrottleBench(Settings(cpu_percent=percent)).throttle
    assert throttle.add_work(2.0) == pytest.approx(seconds)
    assert throttle.add_work(0.0) == 0


states = st.builds(
    SystemState,
    on_battery=st.sampled_from([False, False, False, True]),
    cpu_celsius=st.none() | st.floats(20, 100),
    other_cpu_percent=st.floats(0, 100),
)
all_settings = st.builds(
    Settings,
    max_minutes_per_day=st.floats(0, 3),
    max_cpu_celsius=st.floats(30, 90),
    idle_seconds=st.floats(0, 60),
)
all_steps = st.lists(
    st.tuples(states, st.floats(0, 120), st.floats(0, 20), st.sampled_from([0, 7, 100, 5000, 50_000])), max_size=60
)


@given(all_settings, all_steps)
def test_limits_hold_at_any_time(settings: Settings, steps: Sequence[tuple[SystemState, float, float, int]]) -> None:
    """Only the phrase that crosses the budget may exceed it."""
    bench = ThrottleBench(settings)
    day, spent = bench.clock.now.date(), 0.0
    for state, idle_seconds, work_seconds, passed in steps:
        bench.clock.advance(seconds=passed)
        bench.sensors.state = state
        if bench.clock.now.date() != day:
            day, spent = bench.clock.now.date(), 0.0
        if bench.reason(idle_seconds) is None:
            assert idle_seconds >= settings.idle_seconds
            assert spent < settings.max_minutes_per_day * 60
            if passed >= PAUSE_SECONDS:
                assert not state.on_battery
                assert state.cpu_celsius is None or state.cpu_celsius < settings.max_cpu_celsius
            bench.throttle.add_work(work_seconds)
            spent += work_seconds
            bench.clock.advance(seconds=work_seconds)
