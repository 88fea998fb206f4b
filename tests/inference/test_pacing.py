from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.fake_clock import FakeClock
from wyoming_kokoro.api.memory import MemoryPressure
from wyoming_kokoro.inference.memory_state import MemoryState
from wyoming_kokoro.inference.pacing import (
    FIRST_WINDOW_FRAMES,
    FRAME_SECONDS,
    LARGE_WINDOW_FRAMES,
    RTF_SAFETY_RATIO,
    PlaybackPacer,
)
from wyoming_kokoro.model.manifest import WINDOW_FRAMES
from wyoming_kokoro.pcm import seconds, silence
from wyoming_kokoro.scheduling.costs import MIN_MEASURED_SECONDS, UnitCosts
from wyoming_kokoro.types import Pcm


class DecodingMachine:
    """Decodes windows at the given real-time factors, in turn."""

    def __init__(self, rtfs: list[float]) -> None:
        self.clock = FakeClock()
        self.active_count = 1
        self.buffered_seconds: float | None = None
        self.costs = UnitCosts(clock=self.clock)
        self.pacer = PlaybackPacer(
            lambda: self.active_count, lambda: self.buffered_seconds, MemoryState(), self.costs, self.clock
        )
        self._rtfs = rtfs

    def set_rtf(self, rtf: float) -> None:
        self._rtfs = [rtf]

    def windows(self, frames: int) -> Iterator[Pcm]:
        for index, (begin, end) in enumerate(self.pacer.windows(0, frames)):
            length = (end - begin) * FRAME_SECONDS
            with self.pacer.measure(end - begin):
                self.clock.now += length * self._rtfs[index % len(self._rtfs)]
            yield np.full(round(length * 24_000), index + 1, dtype=np.int16)

    def arrivals(self, frames: int) -> list[tuple[float, float]]:
        """Return when each chunk leaves, and how many seconds it plays."""
        chunks = self.pacer.hold_until_safe(self.windows(frames), list(self.pacer.windows(0, frames)))
        return [(self.clock.now, seconds(chunk)) for chunk in chunks if len(chunk)]


def gap_seconds(arrivals: list[tuple[float, float]]) -> float:
    """Return how long playback, started with the first chunk, has nothing to play."""
    end, gap = arrivals[0][0], 0.0
    for at, length in arrivals:
        gap += max(0.0, at - end)
        end = max(at, end) + length
    return gap


def test_fast_machine_starts_with_the_first_window() -> None:
    arrivals = DecodingMachine([0.4]).arrivals(300)
    first = FIRST_WINDOW_FRAMES[0] * FRAME_SECONDS
    assert arrivals[0] == pytest.approx((0.4 * first, first))
    assert gap_seconds(arrivals) == 0


@pytest.mark.parametrize("rtf", [0.4, 3.0])
def test_each_window_is_one_unit(rtf: float) -> None:
    """A further unit would count as a window that takes no time."""
    machine = DecodingMachine([rtf])
    windows = list(machine.pacer.windows(0, 300))
    assert len(list(machine.pacer.hold_until_safe(machine.windows(300), windows))) == len(windows)


@given(rtf=st.floats(0.05, 6.0), frames=st.integers(17, 1600))
def test_playback_has_no_gap(rtf: float, frames: int) -> None:
    assert gap_seconds(DecodingMachine([rtf]).arrivals(frames)) <= 1e-6


@given(rtf=st.floats(1.3, 6.0), frames=st.integers(200, 1600))
def test_first_chunk_waits_little_longer_than_necessary(rtf: float, frames: int) -> None:
    arrivals = DecodingMachine([rtf]).arrivals(frames)
    total = frames * FRAME_SECONDS
    necessary = total * (1 - 1 / (RTF_SAFETY_RATIO * rtf))
    assert arrivals[0][1] <= min(total, necessary + 3 * WINDOW_FRAMES * FRAME_SECONDS)


def test_jitter_of_the_decoding_thread_causes_no_gap() -> None:
    """More is held back only if the thread had to wait for a CPU before."""

    def arrivals(has_jitter: bool) -> list[tuple[float, float]]:
        machine = DecodingMachine([0.5, 0.8] if has_jitter else [0.5])
        machine.arrivals(600)
        machine.set_rtf(0.5)
        chunks = machine.pacer.hold_until_safe(
            with_quiet_start(machine, has_jitter), list(machine.pacer.windows(0, 60))
        )
        return [(machine.clock.now, seconds(chunk)) for chunk in chunks if len(chunk)]

    def with_quiet_start(machine: DecodingMachine, has_jitter: bool) -> Iterator[Pcm]:
        for number, chunk in enumerate(machine.windows(60)):
            machine.clock.now += 0.03 if has_jitter and number == 1 else 0.0
            yield chunk[3000:] if number == 0 else chunk

    assert gap_seconds(arrivals(has_jitter=True)) == 0
    assert arrivals(has_jitter=False)[0][1] == pytest.approx(1800 / 24_000)


def test_required_buffer_grows_when_the_machine_slows_down() -> None:
    machine = DecodingMachine([0.5])
    machine.arrivals(600)
    assert machine.pacer.required_buffer([0.2] * 15) < 0.2
    machine.set_rtf(2.0)
    machine.arrivals(600)
    assert machine.pacer.required_buffer([0.2] * 15) > 1.0


def test_active_streams_share_the_machine() -> None:
    machine = DecodingMachine([0.6])
    machine.arrivals(60)
    alone = machine.pacer.required_buffer([0.2] * 20)
    assert alone < 0.3
    machine.active_count = 4
    assert machine.pacer.required_buffer([0.2] * 20) > 1.5
    machine.active_count = 0  # Warmup needs no buffer of its own.
    assert machine.pacer.required_buffer([0.2] * 20) == pytest.approx(alone)


def test_playing_stream_with_enough_buffer_is_not_held() -> None:
    machine = DecodingMachine([1.2])
    machine.arrivals(60)
    alone = machine.arrivals(160)[0]
    assert alone[1] > 0.5
    machine.buffered_seconds = 1.0
    started_at = machine.clock.now
    at, length = machine.arrivals(160)[0]
    assert length == pytest.approx(FIRST_WINDOW_FRAMES[0] * FRAME_SECONDS)
    assert at - started_at < machine.buffered_seconds


def test_windows_cover_the_utterance_once() -> None:
    windows = list(DecodingMachine([0.5]).pacer.windows(20, 333))
    assert windows[0] == (20, 20 + FIRST_WINDOW_FRAMES[0])
    assert windows[-1][1] == 333
    assert all(end == begin for (_, end), (begin, _) in itertools.pairwise(windows))


def test_windows_stay_small_while_memory_is_short() -> None:
    memory_state = MemoryState()
    costs = UnitCosts()
    pacer = PlaybackPacer(lambda: 0, lambda: None, memory_state, costs)
    costs.record_window(0.1, 1.0)
    assert next(pacer.windows(0, 300)) == (0, LARGE_WINDOW_FRAMES)
    memory_state.update(MemoryPressure("raised", "test"))
    assert next(pacer.windows(0, 300)) == (0, WINDOW_FRAMES)
    memory_state.update(MemoryPressure("normal", "test"))
    assert next(pacer.windows(0, 300)) == (0, LARGE_WINDOW_FRAMES)


def test_fixed_windows_are_all_of_one_size() -> None:
    windows = list(PlaybackPacer.fixed_windows(20, 333))
    assert windows[0][0] == 20
    assert 333 <= windows[-1][1] < 333 + WINDOW_FRAMES
    assert {last - first for first, last in windows} == {WINDOW_FRAMES}
    assert all(end == begin for (_, end), (begin, _) in itertools.pairwise(windows))


def test_holding_keeps_every_sample() -> None:
    for rtfs in ([0.3], [5.0], [0.3, 5.0]):
        machine = DecodingMachine(rtfs)
        chunks = machine.pacer.hold_until_safe(machine.windows(150), list(machine.pacer.windows(0, 150)))
        whole = np.concatenate([*chunks, silence(0)])
        np.testing.assert_array_equal(whole, np.concatenate(list(DecodingMachine(rtfs).windows(150))))


def test_first_audio_is_expected_after_the_text_stages_and_the_first_window() -> None:
    machine = DecodingMachine([0.5])
    assert machine.pacer.first_audio_seconds(10) is None
    for number, seconds_of_work in enumerate((0.06, 0.04)):
        machine.costs.record_unit(number, 10, seconds_of_work)
    assert machine.pacer.first_audio_seconds(10) is None
    list(machine.windows(round(MIN_MEASURED_SECONDS / FRAME_SECONDS)))
    window_seconds = FIRST_WINDOW_FRAMES[0] * FRAME_SECONDS * 0.5
    assert machine.pacer.first_audio_seconds(10) == pytest.approx(0.1 + window_seconds)
    assert machine.pacer.first_audio_seconds(50) == pytest.approx(0.3 + window_seconds)


def test_first_audio_is_expected_later_if_windows_are_held_for_jitter() -> None:
    machine = DecodingMachine([0.4])
    machine.costs.record_unit(0, 10, 0.1)
    list(machine.windows(2000))
    for _ in range(3):
        machine.costs.record_window(0.32, 0.2)
    first_window_seconds = FIRST_WINDOW_FRAMES[0] * FRAME_SECONDS
    assert (machine.pacer.first_audio_seconds(10) or 0.0) > 0.1 + machine.costs.rtf * first_window_seconds * 1.2
