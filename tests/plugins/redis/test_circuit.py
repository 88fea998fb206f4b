from __future__ import annotations

from tests.helpers.fake_clock import FakeClock
from wyoming_kokoro_redis.circuit import MAX_FAILURES, MAX_PAUSE_SECONDS, Circuit


def test_circuit_opens_after_failures_in_a_row_only() -> None:
    circuit = Circuit(FakeClock())
    for _ in range(10):
        for _ in range(MAX_FAILURES - 1):
            circuit.report_failure()
        assert not circuit.is_open
        circuit.report_success()
    for _ in range(MAX_FAILURES):
        circuit.report_failure()
    assert circuit.is_open
    circuit.report_success()
    assert not circuit.is_open


def test_pause_doubles_with_each_failure_up_to_the_limit() -> None:
    clock = FakeClock()
    circuit = Circuit(clock, is_open=True)
    assert circuit.pause_seconds == 0
    pauses = []
    for _ in range(10):
        circuit.report_failure()
        pauses.append(circuit.pause_seconds)
        clock.now += circuit.pause_seconds
        assert circuit.pause_seconds == 0
    for pause, expected in zip(pauses, [1, 2, 4, 8, 16, 32, *[MAX_PAUSE_SECONDS] * 4], strict=True):
        assert 0.75 * expected <= pause <= 1.25 * expected


def test_calls_that_fail_together_lengthen_the_pause_once() -> None:
    clock = FakeClock()
    circuit = Circuit(clock)
    for _ in range(20):
        circuit.report_failure()
    assert circuit.pause_seconds <= 1.25
    clock.now += circuit.pause_seconds
    circuit.report_failure()
    assert 1.5 <= circuit.pause_seconds <= 2.5


def test_pause_stays_long_until_a_minute_without_failures() -> None:
    clock = FakeClock()
    circuit = Circuit(clock)
    for rest, expected in ((1.0, 1), (30.0, 2), (50.0, 4), (61.0, 1)):
        clock.now += rest
        for _ in range(MAX_FAILURES):
            circuit.report_failure()
        assert 0.75 * expected <= circuit.pause_seconds <= 1.25 * expected
        clock.now += circuit.pause_seconds
        circuit.report_success()
