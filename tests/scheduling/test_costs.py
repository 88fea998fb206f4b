from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.fake_clock import FakeClock
from wyoming_kokoro.scheduling.costs import (
    ASSUMED_SECONDS,
    MAX_OUTLIER_RATIO,
    MIN_MEASURED_SECONDS,
    PEAK_HALF_LIFE_SECONDS,
    TEXT_OVERHEAD_PHONEMES,
    USUAL_PHONEMES,
    UnitCosts,
)


def test_units_before_the_windows_depend_on_the_text() -> None:
    costs = UnitCosts()
    for number, seconds in enumerate((0.1, 0.2, 0.3, 0.4, 0.4)):
        costs.record_unit(number, 10, seconds)
    assert [costs.unit_seconds(number, 10) for number in range(6)] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.4, 0.4])
    longer = 10 + 2 * TEXT_OVERHEAD_PHONEMES
    assert costs.text_seconds(longer) == pytest.approx(0.3 * (longer + 10) / 20)
    assert costs.seconds_until_audio(phonemes=longer) == pytest.approx(costs.text_seconds(longer) + 0.3)
    assert costs.seconds_until_audio(1, 10) == pytest.approx(0.5)


def test_slower_unit_counts_at_once_and_faster_ones_gradually() -> None:
    costs = UnitCosts()
    costs.record_unit(0, 10, 1.0)
    costs.record_unit(0, 10, 2.0)
    assert costs.unit_seconds(0, 10) == pytest.approx(2.0)
    costs.record_unit(0, 10, 1.0)
    assert 1.0 < costs.unit_seconds(0, 10) < 2.0


def test_assumed_seconds_apply_before_the_first_measurement() -> None:
    costs = UnitCosts()
    assert [costs.unit_seconds(number) for number in range(4)] == pytest.approx(ASSUMED_SECONDS)
    assert (costs.rtf, costs.peak_rtf) == (0.0, 0.0)


def test_model_that_makes_a_sentence_in_one_unit_has_no_cost_for_others() -> None:
    costs = UnitCosts()
    costs.record_unit(0, USUAL_PHONEMES, 1.0)
    assert costs.seconds_until_audio() == pytest.approx(1.0)


def test_time_in_which_the_process_was_suspended_counts_little() -> None:
    costs = UnitCosts()
    for _ in range(10):
        costs.record_unit(0, 10, 0.1)
        costs.record_window(0.3, 1.0)
    costs.record_unit(0, 10, 60.0)
    costs.record_window(60.0, 0.2)
    assert costs.unit_seconds(0, 10) <= MAX_OUTLIER_RATIO * 0.1 + 1e-9
    assert costs.rtf < 0.3 * 2
    for _ in range(10):
        costs.record_window(0.3, 1.0)
    assert costs.rtf < 0.33


def test_peak_rtf_decays_slowly() -> None:
    clock = FakeClock()
    costs = UnitCosts(clock=clock)
    for rtf in [0.6] * 60 + [0.3] * 30:
        clock.now += 0.2 * rtf
        costs.record_window(0.2 * rtf, 0.2)
    assert costs.rtf < 0.31
    assert 0.55 < costs.peak_rtf < 0.6
    clock.now += 10 * PEAK_HALF_LIFE_SECONDS
    costs.record_window(0.06, 0.2)
    assert costs.peak_rtf == pytest.approx(costs.rtf, abs=0.01)


@given(windows=st.lists(st.tuples(st.floats(0.01, 1.0), st.floats(0.1, 0.4)), min_size=1, max_size=100))
def test_rtf_is_unknown_until_enough_speech_was_made(windows: list[tuple[float, float]]) -> None:
    costs, speech_seconds = UnitCosts(), 0.0
    for work, speech in windows:
        costs.record_window(work, speech)
        speech_seconds += speech
        assert (costs.rtf > 0) == (costs.peak_rtf > 0) == (speech_seconds >= MIN_MEASURED_SECONDS)
        assert costs.peak_rtf >= costs.rtf
