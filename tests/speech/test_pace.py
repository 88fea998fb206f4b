"""On a slow machine the first chunk waits just long enough: with a clock that is told what time it is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro.speech.pace import FRAME_SECONDS, Pace
from wyoming_kokoro.speech.pcm import Pcm, seconds, silence

WINDOW_FRAMES = 16
WINDOW_SECONDS = WINDOW_FRAMES * FRAME_SECONDS


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Machine:
    """Decodes windows in a given share of the time they play."""

    def __init__(self, factors: list[float]) -> None:
        self.clock = Clock()
        self.pace = Pace(self.clock)
        self._factors = factors

    def windows(self, count: int) -> Iterator[Pcm]:
        for index in range(count):
            with self.pace.measured(WINDOW_FRAMES):
                self.clock.now += WINDOW_SECONDS * self._factors[index % len(self._factors)]
            yield np.full(round(WINDOW_SECONDS * 24_000), index + 1, dtype=np.int16)

    def arrivals(self, count: int) -> list[tuple[float, float]]:
        """Return when each chunk leaves, and how many seconds it plays."""
        left = self.pace.in_time(self.windows(count), count * WINDOW_SECONDS)
        return [(self.clock.now, seconds(chunk)) for chunk in left if len(chunk)]


def dry_seconds(arrivals: list[tuple[float, float]]) -> float:
    """Return for how long playback that begins with the first chunk has nothing to play."""
    end, dry = arrivals[0][0], 0.0
    for at, length in arrivals:
        dry += max(0.0, at - end)
        end = max(at, end) + length
    return dry


def test_a_fast_machine_does_not_wait() -> None:
    arrivals = Machine([0.4]).arrivals(20)
    assert arrivals[0] == pytest.approx((0.4 * WINDOW_SECONDS, WINDOW_SECONDS))
    assert len(arrivals) == 20
    assert dry_seconds(arrivals) == 0


@given(factor=st.floats(1.01, 6.0), count=st.integers(1, 60))
def test_playback_does_not_run_dry_on_a_slow_machine(factor: float, count: int) -> None:
    assert dry_seconds(Machine([factor]).arrivals(count)) <= 1e-6


@given(factor=st.floats(1.3, 6.0), count=st.integers(20, 60))
def test_it_waits_hardly_longer_than_it_must(factor: float, count: int) -> None:
    first, _ = Machine([factor]).arrivals(count)[0]
    total = count * WINDOW_SECONDS
    latest = factor * total  # when a machine that decodes everything first would begin
    least = total * (factor - 1)
    assert least * 0.8 - 0.2 * factor <= first <= min(latest, least * 1.25 + factor * WINDOW_SECONDS + 0.15 * total)


def test_a_machine_that_slows_down_is_measured_again() -> None:
    machine = Machine([0.5] * 20 + [2.0] * 40)
    list(machine.arrivals(20))
    assert machine.pace.head_start(3.0) < WINDOW_SECONDS
    machine.arrivals(60)
    assert machine.pace.head_start(3.0) > 1.0


def test_several_listeners_share_the_machine() -> None:
    machine = Machine([0.6])
    machine.arrivals(3)
    alone = machine.pace.head_start(4.0)
    assert alone < WINDOW_SECONDS
    others = [machine.pace.in_time(machine.windows(9), 9 * WINDOW_SECONDS) for _ in range(3)]
    for other in others:
        next(other)
    assert machine.pace.head_start(4.0) > 1.5
    for other in others:
        other.close()  # type: ignore[attr-defined]
    assert machine.pace.head_start(4.0) == alone


def test_nothing_is_lost() -> None:
    for factors in ([0.3], [5.0], [0.3, 5.0]):
        machine = Machine(factors)
        whole = np.concatenate([*machine.pace.in_time(machine.windows(12), 12 * WINDOW_SECONDS), silence(0)])
        np.testing.assert_array_equal(whole, np.concatenate(list(machine.windows(12))))
