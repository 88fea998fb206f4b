from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.fake_clock import FakeClock
from wyoming_kokoro import SteadyClock
from wyoming_kokoro.storage.steady_clock import MAX_ABSENCE_SECONDS

YEAR_SECONDS = 365 * 24 * 3600.0
times = st.floats(0, 100 * YEAR_SECONDS)


@given(newest=times, now=times, passed=st.floats(0, YEAR_SECONDS))
def test_time_never_goes_back_and_jumps_at_most_by_a_day(newest: float, now: float, passed: float) -> None:
    monotonic = FakeClock(50.0)
    clock = SteadyClock(newest, now, monotonic)
    started_at = clock()
    assert newest - 1e-3 <= started_at <= newest + MAX_ABSENCE_SECONDS + 1e-3
    monotonic.now += passed
    assert clock() - started_at == pytest.approx(passed, abs=1e-3)


def test_right_time_is_used() -> None:
    assert SteadyClock(1000.0, 5000.0, FakeClock())() == 5000.0
    assert SteadyClock(None, 5000.0, FakeClock())() == 5000.0
