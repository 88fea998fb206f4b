"""The simulation of many satellites behind docs/scaling.md."""

from __future__ import annotations

import pytest

from tools.simulate.capacity import (
    GOAL_SECONDS,
    CacheOutcome,
    DrawnText,
    MachineCosts,
    percentile_first_audio,
    replicas_needed,
    use_cache,
)

FULL, DISTILLED = MachineCosts(0.23, 0.002), MachineCosts(0.015, 0.0003)
HALF = CacheOutcome(0.5, [2.0, 3.0, 4.0], 100.0)


def test_hit_rate_is_that_of_the_last_day_and_one_cache_has_more_hits_than_many() -> None:
    week = [[DrawnText(0, f"text {number % 50}", 1.0) for number in range(100)]] * 2
    week += [[*week[0], DrawnText(0, "new", 2.0)]]
    shared, own = use_cache(week, caches=1), use_cache(week, caches=40)
    assert shared.hit_rate == 100 / 101
    assert list(shared.missed) == [2.0]
    assert shared.repeated_seconds == 50
    assert own.hit_rate < shared.hit_rate


@pytest.mark.slow  # simulates an hour many times
def test_more_satellites_need_more_replicas_and_distilled_voices_need_fewer() -> None:
    full = [replicas_needed(satellites, HALF, FULL)[0] for satellites in (30, 600)]
    distilled = [replicas_needed(satellites, HALF, DISTILLED)[0] for satellites in (30, 600)]
    assert full[0] < full[1]
    assert distilled[0] <= full[0]
    assert distilled[1] < full[1]


@pytest.mark.slow  # simulates an hour many times
def test_result_meets_the_goal_and_one_replica_less_does_not() -> None:
    replicas, seconds = replicas_needed(600, HALF, FULL)
    assert seconds == percentile_first_audio(replicas, 600, HALF, FULL) <= GOAL_SECONDS
    assert percentile_first_audio(replicas - 1, 600, HALF, FULL) > GOAL_SECONDS


def test_goal_that_no_idle_replica_meets_needs_no_replicas() -> None:
    assert replicas_needed(30, HALF, MachineCosts(0.9, 0.01))[0] == 0
