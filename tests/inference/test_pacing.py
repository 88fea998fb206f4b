"""On a slow machine the first chunk waits just long enough: with a clock that is told what time it is."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro.inference.memory_state import MemoryState
from wyoming_kokoro.inference.pacing import (
    FIRST_WINDOW_FRAMES,
    FRAME_SECONDS,
    MIN_MEASURED_SECONDS,
    PEAK_HALF_LIFE_SECONDS,
    RTF_SAFETY_RATIO,
    PlaybackPacer,
)
from wyoming_kokoro.model.manifest import WINDOW
from wyoming_kokoro.pcm import seconds, silence
from wyoming_kokoro.types import Pcm


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Machine:
    """Decodes windows in a given share of the time they play."""

    def __init__(self, factors: list[float]) -> None:
        self.clock = Clock()
        self.listened = 1
        self.slack: float | None = None
        self.pace = PlaybackPacer(lambda: self.listened, lambda: self.slack, MemoryState(), self.clock)
        self._factors = factors

    def slow_down(self, factor: float) -> None:
        self._factors = [factor]

    def windows(self, frames: int) -> Iterator[Pcm]:
        for index, (begin, end) in enumerate(self.pace.windows(0, frames)):
            length = (end - begin) * FRAME_SECONDS
            with self.pace.measure(end - begin):
                self.clock.now += length * self._factors[index % len(self._factors)]
            yield np.full(round(length * 24_000), index + 1, dtype=np.int16)

    def arrivals(self, frames: int) -> list[tuple[float, float]]:
        """Return when each chunk leaves, and how many seconds it plays."""
        chunks = self.pace.hold_until_safe(self.windows(frames), list(self.pace.windows(0, frames)))
        return [(self.clock.now, seconds(chunk)) for chunk in chunks if len(chunk)]


def dry_seconds(arrivals: list[tuple[float, float]]) -> float:
    """Return for how long playback that begins with the first chunk has nothing to play."""
    end, dry = arrivals[0][0], 0.0
    for at, length in arrivals:
        dry += max(0.0, at - end)
        end = max(at, end) + length
    return dry


def test_a_fast_machine_does_not_wait() -> None:
    arrivals = Machine([0.4]).arrivals(300)
    first = FIRST_WINDOW_FRAMES[0] * FRAME_SECONDS
    assert arrivals[0] == pytest.approx((0.4 * first, first))
    assert dry_seconds(arrivals) == 0


@given(factor=st.floats(0.05, 6.0), frames=st.integers(17, 1600))
def test_playback_does_not_run_dry(factor: float, frames: int) -> None:
    assert dry_seconds(Machine([factor]).arrivals(frames)) <= 1e-6


@given(factor=st.floats(1.3, 6.0), frames=st.integers(200, 1600))
def test_it_waits_hardly_longer_than_it_must(factor: float, frames: int) -> None:
    arrivals = Machine([factor]).arrivals(frames)
    total = frames * FRAME_SECONDS
    must = total * (1 - 1 / (RTF_SAFETY_RATIO * factor))
    assert arrivals[0][1] <= min(total, must + 3 * WINDOW * FRAME_SECONDS)


def test_a_thread_that_waits_for_a_processor_is_no_gap() -> None:
    """Where threads had to wait of late, a little more is held back; else nothing is."""

    def spoken(waits: bool) -> list[tuple[float, float]]:
        machine = Machine([0.5, 0.8] if waits else [0.5])
        machine.arrivals(600)
        machine.slow_down(0.5)
        chunks = machine.pace.hold_until_safe(silent_at_first(machine, waits), list(machine.pace.windows(0, 60)))
        return [(machine.clock.now, seconds(chunk)) for chunk in chunks if len(chunk)]

    def silent_at_first(machine: Machine, waits: bool) -> Iterator[Pcm]:
        for number, chunk in enumerate(machine.windows(60)):
            machine.clock.now += 0.03 if waits and number == 1 else 0.0
            yield chunk[3000:] if number == 0 else chunk

    assert dry_seconds(spoken(waits=True)) == 0
    assert spoken(waits=False)[0][1] == pytest.approx(1800 / 24_000)


def test_a_machine_that_slows_down_is_measured_again() -> None:
    machine = Machine([0.5])
    machine.arrivals(600)
    assert machine.pace.required_buffer([0.2] * 15) < 0.2
    machine.slow_down(2.0)
    machine.arrivals(600)
    assert machine.pace.required_buffer([0.2] * 15) > 1.0


def test_a_slow_phase_is_remembered_for_some_minutes() -> None:
    """Nobody is let in at the quick moment of a machine that is slow most of the time."""
    machine = Machine([0.6])
    machine.arrivals(1200)
    machine.slow_down(0.3)
    machine.arrivals(600)
    assert machine.pace.rtf < 0.31
    assert 0.55 < machine.pace.peak_rtf < 0.6
    machine.clock.now += 10 * PEAK_HALF_LIFE_SECONDS
    machine.arrivals(60)
    assert machine.pace.peak_rtf == pytest.approx(machine.pace.rtf, abs=0.01)


def test_one_quick_moment_proves_nothing() -> None:
    machine = Machine([0.3])
    machine.arrivals(80)
    assert machine.pace.rtf > 0
    assert machine.pace.peak_rtf == 0
    machine.arrivals(round(MIN_MEASURED_SECONDS / FRAME_SECONDS))
    assert machine.pace.peak_rtf == pytest.approx(0.3)


def test_several_listeners_share_the_machine() -> None:
    machine = Machine([0.6])
    machine.arrivals(60)
    alone = machine.pace.required_buffer([0.2] * 20)
    assert alone < 0.3
    machine.listened = 4
    assert machine.pace.required_buffer([0.2] * 20) > 1.5
    machine.listened = 0  # what is made for nobody is not waited for
    assert machine.pace.required_buffer([0.2] * 20) == pytest.approx(alone)


def test_who_has_enough_left_to_play_is_not_kept_waiting() -> None:
    """Between two sentences nothing is held back that would come in time."""
    machine = Machine([1.2])
    machine.arrivals(60)
    alone = machine.arrivals(160)[0]
    assert alone[1] > 0.5
    machine.slack = 1.0
    begun = machine.clock.now
    at, length = machine.arrivals(160)[0]
    assert length == pytest.approx(FIRST_WINDOW_FRAMES[0] * FRAME_SECONDS)
    assert at - begun < machine.slack


def test_windows_cover_the_utterance_once() -> None:
    windows = list(PlaybackPacer(lambda: 1, lambda: None, MemoryState()).windows(20, 333))
    assert windows[0] == (20, 20 + FIRST_WINDOW_FRAMES[0])
    assert windows[-1][1] == 333
    assert all(end == begin for (_, end), (begin, _) in itertools.pairwise(windows))


def test_fixed_windows_are_all_of_one_size() -> None:
    windows = list(PlaybackPacer.fixed_windows(20, 333))
    assert windows[0][0] == 20
    assert 333 <= windows[-1][1] < 333 + WINDOW
    assert {last - first for first, last in windows} == {WINDOW}
    assert all(end == begin for (_, end), (begin, _) in itertools.pairwise(windows))


def test_nothing_is_lost() -> None:
    for factors in ([0.3], [5.0], [0.3, 5.0]):
        machine = Machine(factors)
        chunks = machine.pace.hold_until_safe(machine.windows(150), list(machine.pace.windows(0, 150)))
        whole = np.concatenate([*chunks, silence(0)])
        np.testing.assert_array_equal(whole, np.concatenate(list(Machine(factors).windows(150))))


def test_a_window_that_was_suspended_in_the_middle_says_little() -> None:
    """A process that was stopped for a minute is not taken for one that is a hundred times slower."""
    machine = Machine([0.3])
    for _ in range(10):
        machine.pace.record(0.3, 1.0)
    machine.pace.record(60.0, 0.2)
    assert machine.pace.rtf < 0.3 * 2
    for _ in range(10):
        machine.pace.record(0.3, 1.0)
    assert machine.pace.rtf < 0.33
