"""Which turns start and in which order; tests/scheduling/test_admission_simulation.py runs thousands of them."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.fake_clock import FakeClock
from tests.helpers.waiting import TIMEOUT_SECONDS
from wyoming_kokoro.errors import Overloaded
from wyoming_kokoro.scheduling import admission
from wyoming_kokoro.scheduling.admission import (
    POLL_INTERVAL_SECONDS,
    SECONDS_PER_PHONEME,
    AdmissionControl,
    PendingText,
)
from wyoming_kokoro.scheduling.costs import MeasuredCosts, UnitCosts
from wyoming_kokoro.scheduling.forecast import LONG_READING_SECONDS, RTF_MARGIN_RATIO, Forecast, Turn
from wyoming_kokoro.scheduling.playback import BLOCKED_SECONDS, Playback


class Machine:
    """A machine with a measured RTF, whose prosody and decoder take no time."""

    def __init__(self, rtf: float = 0.5, max_streams: int = 0, max_wait_seconds: float = 10.0) -> None:
        self.clock = FakeClock()
        costs = UnitCosts(clock=self.clock)
        costs.measured = MeasuredCosts([0.0] * 4, rtf, rtf, speech_seconds=60.0 if rtf else 0.0)
        self.admission = AdmissionControl(costs, self.clock)
        self.admission.set_limits(max_streams, max_wait_seconds)
        self._count = 0

    def request(
        self, seconds: float, playback: Playback | None = None, client: str = "", content: object = None
    ) -> Turn:
        """Request a text of so many `seconds`, which is complete."""
        playback = playback or Playback(self.clock, client=client)
        playback.is_text_complete = True
        return self.admission.request(playback, self.text(seconds, content))

    def text(self, seconds: float, content: object = None) -> PendingText:
        self._count += 1
        phonemes = round(seconds / SECONDS_PER_PHONEME)
        return PendingText(content or self._count, phonemes, phonemes)

    def play(self, turn: Turn, seconds: float, within: float = 0.0) -> None:
        """Send `seconds` of audio after the time `within`."""
        self.clock.now += within
        turn.playback.add_audio(seconds)
        self.admission.start_waiting()

    def finish(self, turn: Turn) -> None:
        self.admission.release(turn.playback)


def started(*turns: Turn) -> list[bool]:
    return [turn.started.is_set() for turn in turns]


def test_first_turn_starts_on_any_machine() -> None:
    assert started(Machine(rtf=5.0).request(60.0)) == [True]


@pytest.mark.parametrize(("rtf", "count"), [(0.2, 3), (0.35, 2), (0.5, 1), (0.0, 1), (3.0, 1)])
def test_turns_start_at_the_same_time_if_the_machine_is_fast_enough(rtf: float, count: int) -> None:
    machine = Machine(rtf)
    turns = [machine.request(5.0) for _ in range(4)] if rtf < 1 else [machine.request(3.0) for _ in range(2)]
    assert sum(started(*turns)) == count
    assert machine.admission.in_use == count
    assert machine.admission.waiting_count == len(turns) - count


def test_waiting_turn_starts_when_the_running_one_ends() -> None:
    machine = Machine()
    first, second = machine.request(5.0), machine.request(5.0)
    machine.clock.now += 2.5
    machine.finish(first)
    assert started(second) == [True]
    assert second.playback.wait_seconds == 2.5
    assert first.playback.wait_seconds == 0.0


def test_turn_starts_while_a_well_buffered_stream_plays() -> None:
    """The work of the second fits into what the client of the first has left to play."""
    machine = Machine()
    first, second = machine.request(60.0), machine.request(3.0)
    machine.play(first, 1.0, within=0.5)
    assert started(second) == [False]
    machine.play(first, 4.0, within=2.0)
    assert started(second) == [True]


def test_streams_whose_text_has_grown_keep_out_no_short_request() -> None:
    """Together they need more than the machine can do, but each client has some seconds left to play."""
    machine = Machine(rtf=0.3)
    for _ in range(3):
        stream = machine.request(3.0)
        machine.play(stream, 3.0)
        assert machine.request(840.0, stream.playback).started.is_set()
    with pytest.raises(Overloaded):
        machine.request(60.0)
    short = machine.request(1.5)
    assert started(short) == [True]
    machine.finish(short)
    machine.clock.now += 3.0
    assert started(machine.request(1.5)) == [False], "no client has anything left to play"


def test_waiting_long_request_that_became_hopeless_keeps_out_no_short_one() -> None:
    """Its wait was short until the running streams got more text."""
    machine = Machine(rtf=0.3)
    first, second, waiting = machine.request(3.0), machine.request(3.0), machine.request(300.0)
    for stream in (first, second):
        machine.request(840.0, stream.playback)
    for stream in (first, second):
        machine.play(stream, 3.0)
    assert started(first, second, waiting, machine.request(1.5)) == [True, True, False, True]


@given(st.lists(st.floats(0.5, 4.0), min_size=2, max_size=6))
def test_short_text_precedes_a_long_one(lengths: list[float]) -> None:
    machine = Machine(max_wait_seconds=600.0)
    running = machine.request(5.0)
    waiting = [machine.request(seconds) for seconds in lengths]
    order = []
    while waiting:
        machine.finish(running)
        running = next(turn for turn in waiting if turn.started.is_set())
        waiting.remove(running)
        order.append(running.audio_seconds)
    assert order == sorted(order)


def test_long_text_precedes_short_ones_when_its_client_would_wait_too_long() -> None:
    machine = Machine()
    first, long = machine.request(6.0), machine.request(12.0)
    machine.clock.now += 9.0
    short = machine.request(4.0)
    machine.finish(first)
    assert started(long, short) == [True, False]


def test_client_with_many_requests_does_not_delay_another_client() -> None:
    machine = Machine(max_wait_seconds=60.0)
    first = machine.request(4.0, client="busy")
    many = [machine.request(2.0, client="busy") for _ in range(5)]
    other = machine.request(3.0, client="other")
    machine.finish(first)
    assert started(other) == [True]
    machine.finish(other)
    assert sum(started(*many)) == 1


def test_request_that_would_wait_too_long_is_refused_with_its_expected_wait() -> None:
    machine = Machine(rtf=1.0)
    machine.request(14.0)
    machine.clock.now += 1.0
    with pytest.raises(Overloaded, match=r"expected wait 14\.0 s exceeds max_wait_seconds \(10\); try again later"):
        machine.request(2.0)
    assert machine.admission.waiting_count == 0


def test_without_waiting_a_request_without_place_is_refused_at_once() -> None:
    machine = Machine(max_wait_seconds=0.0)
    machine.request(5.0)
    with pytest.raises(Overloaded, match="max_wait_seconds"):
        machine.request(1.0)


def test_stream_that_plays_is_never_refused_and_precedes_requests() -> None:
    machine = Machine()
    machine.request(16.0)
    waiting = machine.request(2.0)
    playing = Playback(machine.clock)
    playing.add_audio(0.1)
    turn = machine.request(60.0, playing)
    assert started(waiting, turn) == [False, False]
    assert machine.admission.expected_wait(turn) <= machine.admission.expected_wait(waiting)


def test_same_content_shares_a_place_and_the_wait_for_it() -> None:
    machine = Machine(rtf=1.0)
    first = machine.request(5.0)
    waiting = [machine.request(4.0, content="dinner") for _ in range(5)]
    assert machine.admission.expected_wait(waiting[0]) == machine.admission.expected_wait(waiting[-1])
    sharing = machine.request(5.0, content=first.content)
    assert started(sharing) == [True]
    assert machine.admission.in_use == 1
    machine.finish(first)
    machine.finish(sharing)
    assert all(started(*waiting))
    assert machine.admission.in_use == 1


def test_max_streams_replaces_the_measured_limit() -> None:
    machine = Machine(rtf=10.0, max_streams=3)
    turns = [machine.request(0.2) for _ in range(4)]
    assert started(*turns) == [True, True, True, False]


def test_long_reading_gives_way_between_its_sentences() -> None:
    machine = Machine(rtf=0.9)
    reading = machine.request(5.0)
    waiting = machine.request(2.0)
    for _ in range(2):
        machine.play(reading, 5.0)
        reading = machine.request(5.0, reading.playback)
        assert started(reading, waiting) == [True, False]
    machine.play(reading, 5.0)
    reading = machine.request(5.0, reading.playback)
    assert reading.audio_before == LONG_READING_SECONDS
    assert started(reading, waiting) == [False, True]
    machine.finish(waiting)
    assert started(reading) == [True]


def test_client_that_does_not_read_has_no_place_and_waits_when_it_reads_again() -> None:
    machine = Machine(rtf=0.9)
    first, second = machine.request(5.0), machine.request(5.0)
    machine.play(first, 1.0)
    first.playback.begin_sending()
    machine.play(first, 0.0, within=BLOCKED_SECONDS + 0.1)
    assert started(second) == [True]
    assert machine.admission.in_use == 1

    async def resume() -> None:
        resuming = asyncio.create_task(machine.admission.resume(first.playback))
        await asyncio.sleep(3 * POLL_INTERVAL_SECONDS)
        assert not resuming.done()
        machine.finish(second)
        await asyncio.wait_for(resuming, TIMEOUT_SECONDS)

    asyncio.run(resume())


async def test_cancelled_request_does_not_wait_any_more() -> None:
    machine = Machine(rtf=0.9)
    machine.request(3.0)
    waiting = asyncio.create_task(machine.admission.enter(Playback(machine.clock), machine.text(2.0)))
    await asyncio.sleep(0)
    assert machine.admission.waiting_count == 1
    waiting.cancel()
    await asyncio.wait({waiting})
    assert machine.admission.waiting_count == 0


@pytest.mark.parametrize("change", ["the client stops reading", "the RTF falls"])
async def test_waiting_request_notices_changes_without_an_event(change: str) -> None:
    machine = Machine(rtf=0.9)
    first = machine.request(3.0)
    first.playback.begin_sending()
    waiting = asyncio.create_task(machine.admission.enter(Playback(machine.clock), machine.text(2.0)))
    await asyncio.sleep(0)
    assert machine.admission.waiting_count == 1
    if change == "the RTF falls":
        machine.admission._costs.measured.rtf = machine.admission._costs.measured.peak_rtf = 0.1
    else:
        machine.clock.now += BLOCKED_SECONDS + 0.1
    await asyncio.wait_for(waiting, TIMEOUT_SECONDS)


@given(rtf=st.floats(0, 100), streams=st.integers(0, 5), max_streams=st.integers(0, 5))
def test_stream_fits_in_real_time_only_if_the_machine_is_measured_and_fast_enough(
    rtf: float, streams: int, max_streams: int
) -> None:
    machine = Machine(rtf, max_streams, max_wait_seconds=1e6)
    running = sum(started(*(machine.request(5.0) for _ in range(streams))))
    fits = 0 < rtf * RTF_MARGIN_RATIO * (running + 1) <= 1 and running == streams
    fits = fits and (not max_streams or running < max_streams)
    assert machine.admission.fits_in_real_time(Playback(machine.clock), machine.text(5.0)) == fits


def test_fast_speech_needs_more_work_for_each_second() -> None:
    """The model makes 2.5 s for each second at speed 4 if it speaks at 1.6."""
    machine = Machine(rtf=0.35)
    fast = PendingText("fast", 200, 200, speed=4.0, model_speed=1.6)
    assert machine.admission.fits_in_real_time(Playback(machine.clock), replace(fast, speed=1.6))
    assert not machine.admission.fits_in_real_time(Playback(machine.clock), fast)
    machine.request(5.0)
    assert machine.admission.can_start(Playback(machine.clock), replace(fast, speed=0.7, model_speed=1.6))
    assert not machine.admission.can_start(Playback(machine.clock), fast)


async def test_borrowed_place_is_returned_and_a_kept_one_is_not() -> None:
    machine = Machine(max_streams=1)
    other, playback = Playback(machine.clock), Playback(machine.clock)
    async with machine.admission.borrowed_place(playback, machine.text(1.0)):
        assert not machine.admission.can_start(other, machine.text(1.0))
    assert machine.admission.can_start(other, machine.text(1.0))
    await machine.admission.enter(playback, machine.text(1.0))
    async with machine.admission.borrowed_place(playback, machine.text(1.0)):
        pass
    assert not machine.admission.can_start(other, machine.text(1.0))


def test_more_waiting_requests_than_the_limit_are_refused_but_no_playing_stream(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(admission, "MAX_WAITING_TURNS", 2)
    machine = Machine(max_streams=1)
    machine.request(1.0)
    machine.request(1.0)
    machine.request(1.0)
    with pytest.raises(Overloaded, match="2 requests wait already; try again later"):
        machine.request(1.0)
    playing = Playback(machine.clock)
    playing.add_audio(1.0)
    machine.request(1.0, playing)
    assert machine.admission.waiting_count == 3


def test_place_among_many_waiting_requests_is_found_with_few_forecasts(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(max_streams=1, max_wait_seconds=300.0)
    turns = [machine.request(15.0, client=str(number)) for number in range(40)]
    # Any place but the last one would delay the last turn beyond its limit.
    machine.clock.now += 300.0 - machine.admission.expected_wait(turns[-1])
    forecasts = 0
    wait_seconds = Forecast.wait_seconds

    def count(forecast: Forecast, waiting: Sequence[Turn], running: Mapping[Hashable, Turn]) -> Sequence[float]:
        nonlocal forecasts
        forecasts += 1
        return wait_seconds(forecast, waiting, running)

    monkeypatch.setattr(Forecast, "wait_seconds", count)
    new = machine.request(1.0, client="new")
    assert machine.admission._waiting[-1] is new
    assert forecasts <= 9
