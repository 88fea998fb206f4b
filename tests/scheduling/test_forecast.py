from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.fake_clock import FakeClock
from wyoming_kokoro.scheduling.admission import AdmissionControl, PendingText
from wyoming_kokoro.scheduling.costs import MeasuredCosts, UnitCosts
from wyoming_kokoro.scheduling.forecast import LONG_READING_SECONDS, Demand, Forecast, Turn
from wyoming_kokoro.scheduling.playback import Playback

seconds = st.floats(0.01, 100.0)
demands = st.builds(Demand, begin=seconds, text_seconds=seconds, audio_seconds=seconds, rtf=st.floats(0.01, 5.0))


def forecast_and_turns(rtf: float, lengths: list[int]) -> tuple[Forecast, list[Turn]]:
    """Return the forecast of a machine with this RTF, and requests with so many phonemes."""
    clock = FakeClock()
    costs = UnitCosts(clock=clock)
    costs.measured = MeasuredCosts([0.0] * 4, rtf, rtf, speech_seconds=60.0)
    admission = AdmissionControl(costs, clock)
    turns = []
    for number, phonemes in enumerate(lengths):
        playback = Playback(clock)
        playback.is_text_complete = True
        turns.append(admission._turn(playback, PendingText(number, phonemes, phonemes)))
    return Forecast(costs), turns


@given(demands, st.floats(0.0, 1.0))
def test_work_that_is_done_is_no_longer_due(demand: Demand, share: float) -> None:
    rest = demand.after(share * demand.work_seconds)
    assert rest.work_seconds == pytest.approx((1 - share) * demand.work_seconds, abs=1e-6)
    assert rest.end == pytest.approx(demand.end)


@given(demands, st.lists(st.floats(-10.0, 300.0), min_size=2, max_size=10))
def test_due_work_grows_to_all_work_at_the_end(demand: Demand, moments: list[float]) -> None:
    due = [demand.until(moment) for moment in sorted(moments)]
    assert due == sorted(due)
    assert demand.until(demand.begin - 0.001) == 0.0
    assert demand.until(demand.end + 1.0) == pytest.approx(demand.work_seconds)


@pytest.mark.parametrize(("rtf", "max_streams", "max_turns"), [(0.5, 0, None), (0.5, 3, 3), (2.0, 0, 1), (2.0, 3, 3)])
def test_turns_are_limited_by_the_setting_or_on_a_slow_machine(
    rtf: float, max_streams: int, max_turns: int | None
) -> None:
    forecast, turns = forecast_and_turns(rtf, [10] * 4)
    forecast.max_streams = max_streams
    assert forecast.max_turns == max_turns
    if max_turns:
        assert forecast.fits(turns[0], {turn.content: turn for turn in turns[1:max_turns]})
        assert not forecast.fits(turns[0], {turn.content: turn for turn in turns[1 : max_turns + 1]})


def test_waits_on_a_slow_machine_are_the_work_of_the_turns_before() -> None:
    forecast, turns = forecast_and_turns(2.0, [10, 20, 30])
    assert forecast.wait_seconds(turns[1:], {turns[0].content: turns[0]}) == pytest.approx([1.2, 3.6])


def test_open_text_counts_as_a_long_reading_now_but_not_in_predictions() -> None:
    forecast, [turn] = forecast_and_turns(0.5, [10])
    turn.playback.is_text_complete = False
    assert forecast.demand(turn, is_now=True).audio_seconds == LONG_READING_SECONDS
    assert forecast.demand(turn).audio_seconds == pytest.approx(0.6)
