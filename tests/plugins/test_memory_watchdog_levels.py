"""How short memory is, by what was read; and a level that does not flutter, whatever is read."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro.api.observations import Level
from wyoming_kokoro_memory_watchdog.judgement import judge
from wyoming_kokoro_memory_watchdog.reading import Bound, Heap, Reading
from wyoming_kokoro_memory_watchdog.steadiness import CALM_SECONDS, LEVELS, MOST_CALM_SECONDS, SOON, Steadiness

MB = 1_000_000
POLL = 5.0


def left(available: int, limit: int = 400, name: str = "the container") -> Bound:
    return Bound(name, limit * MB, available * MB)


# Judging


@pytest.mark.parametrize(
    ("bound", "level"),
    [
        (left(200), "normal"),
        (left(79), "raised"),
        (left(39), "high"),
        (left(19), "critical"),
        (left(0), "critical"),
        (left(5000, 64_000), "normal"),  # a twelfth of a large machine is plenty
        (left(599, 64_000), "raised"),
        (left(249, 64_000), "high"),
        (left(99, 64_000), "critical"),
    ],
)
def test_a_bound_that_is_near_is_felt(bound: Bound, level: Level) -> None:
    assert judge(Reading(bounds=(bound,)), 0).level == level


def test_the_nearest_bound_counts_and_is_named() -> None:
    found = judge(Reading(300 * MB, bounds=(left(9000, 16_000, "the machine"), left(30))), 0)
    assert (found.level, found.available_bytes, found.wanted_bytes) == ("high", 30 * MB, 50 * MB)
    assert found.reason == "30 MB of 400 MB are left to the container; 300 MB are ours"


def test_what_nobody_uses_is_told_apart() -> None:
    """Free pieces that were given back to the system already are no waste."""
    heap = Heap(used=100 * MB, free=500 * MB)
    reading = Reading(600 * MB, private=350 * MB, heap=heap, bounds=(left(10),))
    assert reading.wasted == 250 * MB
    assert judge(reading, 0).reason.endswith("; 600 MB are ours, of which 250 MB are free inside the allocator")
    assert Reading(600 * MB, private=90 * MB, heap=heap).wasted == 0
    assert Reading(600 * MB, private=600 * MB).wasted == 0


@pytest.mark.parametrize(("used", "kind"), [(590, "growth"), (320, "fragmentation")])
def test_growth_is_told_from_fragmentation(used: int, kind: str) -> None:
    reading = Reading(600 * MB, private=600 * MB, heap=Heap(used * MB, 400 * MB))
    found = judge(reading, 300 * MB)
    assert (found.level, found.wanted_bytes) == ("raised", 300 * MB)
    assert found.reason.startswith(f"{kind}: 2.0 times the 300 MB of before; 600 MB are ours")


@pytest.mark.parametrize(("resident", "baseline"), [(600, 0), (600, 410), (200, 60)])
def test_little_growth_is_none(resident: int, baseline: int) -> None:
    assert judge(Reading(resident * MB), baseline * MB).level == "normal"


@pytest.mark.parametrize(
    ("reading", "level"),
    [
        (Reading(some_stalled=9, all_stalled=9), "normal"),
        (Reading(some_stalled=11), "raised"),
        (Reading(some_stalled=50, all_stalled=11), "high"),
        (Reading(some_stalled=50, all_stalled=41), "critical"),
        (Reading(kernel_level="high"), "high"),
    ],
)
def test_what_the_system_says_is_heard(reading: Reading, level: Level) -> None:
    assert judge(reading, 0).level == level


@given(
    st.builds(
        Reading,
        resident=st.integers(0, 10**12),
        private=st.integers(0, 10**12),
        heap=st.none() | st.builds(Heap, st.integers(0, 10**12), st.integers(0, 10**12)),
        bounds=st.lists(st.builds(Bound, st.just("it"), st.integers(0, 10**13), st.integers(0, 10**13))).map(tuple),
        some_stalled=st.floats(0, 100),
        all_stalled=st.floats(0, 100),
        kernel_level=st.sampled_from(LEVELS),
    ),
    st.integers(0, 10**12),
)
def test_whatever_is_read_is_judged(reading: Reading, baseline: int) -> None:
    found = judge(reading, baseline)
    assert found.reason
    assert found.wanted_bytes >= 0
    assert LEVELS.index(found.level) >= LEVELS.index(reading.kernel_level)


# Steadiness


def followed(levels: Sequence[Level], poll: float = POLL) -> list[Level]:
    steady = Steadiness()
    return [steady.follow(level, number * poll) for number, level in enumerate(levels)]


def changes(levels: Sequence[Level]) -> int:
    return sum(before != after for before, after in zip(["normal", *levels], levels))  # noqa: B905 one is longer


def test_it_rises_at_the_second_reading_and_to_the_worst_at_once() -> None:
    assert followed(["raised", "raised", "high", "normal", "critical"]) == [
        "normal", "raised", "raised", "raised", "critical",
    ]  # fmt: skip


def test_it_falls_when_it_was_better_for_a_while() -> None:
    worse: list[Level] = ["high", "high"]
    calm: list[Level] = ["normal"] * round(CALM_SECONDS / POLL)
    assert followed([*worse, *calm])[-1] == "high"
    assert followed([*worse, *calm, "normal"])[-1] == "normal"
    assert followed([*worse, *calm[1:], "raised", "normal"])[-1] == "raised"


READINGS = st.lists(st.sampled_from(LEVELS), min_size=1, max_size=400)


@given(READINGS)
def test_it_never_says_more_than_was_read_nor_falls_without_calm(levels: list[Level]) -> None:
    steady = followed(levels)
    for number, (before, after) in enumerate(zip(["normal", *steady], steady)):  # noqa: B905 one is longer
        was, now = LEVELS.index(before), LEVELS.index(after)
        seen = [LEVELS.index(level) for level in levels[: number + 1]]
        assert now <= max(seen)
        if now < was:
            assert number * POLL >= CALM_SECONDS
            assert max(seen[-round(CALM_SECONDS / POLL) :]) == now


@given(READINGS, st.integers(1, 200), st.sampled_from([1.0, 2.0, 5.0, 30.0]))
def test_whatever_goes_to_and_fro_the_level_does_not(pattern: list[Level], held: int, poll: float) -> None:
    """A pattern that repeats for hours, each of its readings so many times: up and down in ten minutes, once at most.

    But for the first hours, in which the calm that is asked for grows from a minute to an hour.
    """
    readings = [pattern[number // held % len(pattern)] for number in range(10_000)]
    steady = followed(readings, poll)
    up_and_down = 2 * (len(LEVELS) - 1)
    growing = math.log2(MOST_CALM_SECONDS / CALM_SECONDS) + 2
    assert changes(steady) <= up_and_down * (growing + len(readings) * poll / (SOON * CALM_SECONDS))


@given(READINGS)
def test_what_has_risen_stays_for_a_minute(levels: list[Level]) -> None:
    steady = [LEVELS.index(level) for level in followed(levels)]
    rises = [number for number in range(1, len(steady)) if steady[number] > steady[number - 1]]
    for rise in rises:
        held = steady[rise : rise + round(CALM_SECONDS / POLL)]
        assert min(held) == steady[rise]


def test_a_level_that_falls_too_early_again_and_again_is_kept_for_longer() -> None:
    """Two minutes of calm between short attacks, for a day."""
    attack: list[Level] = ["high"] * 4
    calm: list[Level] = ["normal"] * 24
    assert changes(followed((attack + calm) * 600)) < 12
