from __future__ import annotations

from wyoming_kokoro.scheduling.costs import SAFETY_RATIO, UnitCosts


def test_prosody_units_and_first_window_have_their_own_estimates() -> None:
    costs = UnitCosts()
    for number, seconds in enumerate([0.1, 0.05, 0.04, 0.02, 0.02]):
        costs.record(number, seconds)
    estimates = [costs.estimate(number) for number in range(6)]
    assert estimates == [SAFETY_RATIO * seconds for seconds in (0.1, 0.05, 0.04, 0.02, 0.02, 0.02)]


def test_first_audio_takes_prosody_and_first_window() -> None:
    costs = UnitCosts()
    for number, seconds in enumerate([4.0, 2.0, 1.0, 0.5]):
        costs.record(number, seconds)
    assert costs.seconds_until_audio() / SAFETY_RATIO == 7.0


def test_slower_unit_raises_estimate_at_once_and_faster_unit_lowers_it_slowly() -> None:
    costs = UnitCosts()
    costs.record(0, 1.0)
    costs.record(0, 2.0)
    assert costs.estimate(0) == SAFETY_RATIO * 2.0
    costs.record(0, 1.0)
    assert SAFETY_RATIO * 1.0 < costs.estimate(0) < SAFETY_RATIO * 2.0


def test_models_have_their_own_assumptions() -> None:
    assert UnitCosts((1.0, 2.0, 3.0, 4.0)).seconds_until_audio() == SAFETY_RATIO * 6.0
