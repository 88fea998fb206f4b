"""The debounced level."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from wyoming_kokoro.api.observations import Level
from wyoming_kokoro_memory_watchdog.hysteresis import (
    MAX_CALM_SECONDS,
    MIN_CALM_SECONDS,
    RELAPSE_RATIO,
    LevelFilter,
)
from wyoming_kokoro_memory_watchdog.snapshot import LEVELS

INTERVAL_SECONDS = 5.0
CALM_READINGS = round(MIN_CALM_SECONDS / INTERVAL_SECONDS)
READINGS = st.lists(st.sampled_from(LEVELS), min_size=1, max_size=400)


def filtered(levels: Sequence[Level], interval_seconds: float = INTERVAL_SECONDS) -> list[Level]:
    level_filter = LevelFilter()
    return [level_filter.update(level, number * interval_seconds) for number, level in enumerate(levels)]


def count_changes(levels: Sequence[Level]) -> int:
    return sum(before != after for before, after in zip(["normal", *levels], levels))  # noqa: B905 one is longer


def test_level_rises_at_the_second_reading_and_to_critical_at_once() -> None:
    assert filtered(["raised", "raised", "high", "normal", "critical"]) == [
        "normal", "raised", "raised", "raised", "critical",
    ]  # fmt: skip


def test_level_falls_after_a_calm_period() -> None:
    high: list[Level] = ["high", "high"]
    calm: list[Level] = ["normal"] * CALM_READINGS
    assert filtered([*high, *calm])[-1] == "high"
    assert filtered([*high, *calm, "normal"])[-1] == "normal"
    assert filtered([*high, *calm[1:], "raised", "normal"])[-1] == "raised"


@given(READINGS)
def test_level_never_exceeds_the_readings_and_never_falls_without_calm(levels: list[Level]) -> None:
    result = filtered(levels)
    for number, (before, after) in enumerate(zip(["normal", *result], result)):  # noqa: B905 one is longer
        old, new = LEVELS.index(before), LEVELS.index(after)
        readings = [LEVELS.index(level) for level in levels[: number + 1]]
        assert new <= max(readings)
        if new < old:
            assert number * INTERVAL_SECONDS >= MIN_CALM_SECONDS
            assert max(readings[-CALM_READINGS:]) == new


@settings(max_examples=30)
@given(READINGS, st.integers(1, 200), st.sampled_from([1.0, 2.0, 5.0, 30.0]))
def test_repeating_readings_do_not_make_the_level_oscillate(
    pattern: list[Level], repeats: int, interval_seconds: float
) -> None:
    """After the first hours the level rises and falls at most once in ten minutes.

    In the first hours the calm period grows from a minute to an hour.
    """
    readings = [pattern[number // repeats % len(pattern)] for number in range(10_000)]
    result = filtered(readings, interval_seconds)
    max_changes_per_cycle = 2 * (len(LEVELS) - 1)
    growing_cycles = math.log2(MAX_CALM_SECONDS / MIN_CALM_SECONDS) + 2
    steady_cycles = len(readings) * interval_seconds / (RELAPSE_RATIO * MIN_CALM_SECONDS)
    assert count_changes(result) <= max_changes_per_cycle * (growing_cycles + steady_cycles)


@given(READINGS)
def test_risen_level_stays_for_a_minute(levels: list[Level]) -> None:
    result = [LEVELS.index(level) for level in filtered(levels)]
    rises = [number for number in range(1, len(result)) if result[number] > result[number - 1]]
    for rise in rises:
        assert min(result[rise : rise + CALM_READINGS]) == result[rise]


def test_level_that_falls_too_early_is_held_longer() -> None:
    """Twenty seconds of pressure alternate with two minutes of calm for a day."""
    pressure: list[Level] = ["high"] * 4
    calm: list[Level] = ["normal"] * 24
    assert count_changes(filtered((pressure + calm) * 600)) < 12
