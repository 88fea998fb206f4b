from __future__ import annotations

import pytest

from wyoming_kokoro.scheduling.costs import ASSUMED_SECONDS, SAFETY_RATIO, UnitCosts


def test_what_was_never_seen_is_presumed_to_take_some_time() -> None:
    assert UnitCosts().seconds_until_audio() == pytest.approx(SAFETY_RATIO * sum(ASSUMED_SECONDS[:3]))


def test_each_unit_that_reads_and_the_first_window_are_expected_by_themselves() -> None:
    costs = UnitCosts()
    for number, seconds in enumerate([0.1, 0.05, 0.04, 0.02, 0.02]):
        costs.record(number, seconds)
    assert [costs.estimate(number) for number in range(6)] == [
        SAFETY_RATIO * it for it in (0.1, 0.05, 0.04, 0.02, 0.02, 0.02)
    ]


def test_sound_takes_all_that_must_be_done_before() -> None:
    costs = UnitCosts()
    for number, seconds in enumerate([4.0, 2.0, 1.0, 0.5]):
        costs.record(number, seconds)
    assert costs.seconds_until_audio() / SAFETY_RATIO == 7.0


def test_more_is_expected_at_once_and_less_by_and_by() -> None:
    costs = UnitCosts()
    costs.record(0, 1.0)
    costs.record(0, 2.0)
    assert costs.estimate(0) == SAFETY_RATIO * 2.0
    costs.record(0, 1.0)
    assert SAFETY_RATIO * 1.0 < costs.estimate(0) < SAFETY_RATIO * 2.0
