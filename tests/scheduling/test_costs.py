from __future__ import annotations

import pytest

from wyoming_kokoro.scheduling.costs import CAUTION, PRESUMED, Costs


def test_what_was_never_seen_is_presumed_to_take_some_time() -> None:
    assert Costs().until_sound() == pytest.approx(CAUTION * sum(PRESUMED[:3]))


def test_each_unit_that_reads_and_the_first_window_are_expected_by_themselves() -> None:
    costs = Costs()
    for number, seconds in enumerate([0.1, 0.05, 0.04, 0.02, 0.02]):
        costs.note(number, seconds)
    assert [costs.of(number) for number in range(6)] == [CAUTION * it for it in (0.1, 0.05, 0.04, 0.02, 0.02, 0.02)]


def test_sound_takes_all_that_must_be_done_before() -> None:
    costs = Costs()
    for number, seconds in enumerate([4.0, 2.0, 1.0, 0.5]):
        costs.note(number, seconds)
    assert costs.until_sound() / CAUTION == 7.0


def test_more_is_expected_at_once_and_less_by_and_by() -> None:
    costs = Costs()
    costs.note(0, 1.0)
    costs.note(0, 2.0)
    assert costs.of(0) == CAUTION * 2.0
    costs.note(0, 1.0)
    assert CAUTION * 1.0 < costs.of(0) < CAUTION * 2.0
