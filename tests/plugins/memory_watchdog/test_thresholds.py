"""How short memory is for given readings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro.api.observations import Level
from wyoming_kokoro_memory_watchdog.snapshot import LEVELS, MemoryLimit, MemorySnapshot
from wyoming_kokoro_memory_watchdog.thresholds import assess

MB = 1_000_000


def memory_limit(available_mb: int, limit_mb: int = 400, name: str = "the container") -> MemoryLimit:
    return MemoryLimit(name, limit_mb * MB, available_mb * MB)


@pytest.mark.parametrize(
    ("limit", "level"),
    [
        (memory_limit(200), "normal"),
        (memory_limit(79), "raised"),
        (memory_limit(39), "high"),
        (memory_limit(19), "critical"),
        (memory_limit(0), "critical"),
        (memory_limit(5000, 64_000), "normal"),  # a small share of a large machine is enough
        (memory_limit(599, 64_000), "raised"),
        (memory_limit(249, 64_000), "high"),
        (memory_limit(99, 64_000), "critical"),
    ],
)
def test_level_rises_as_a_limit_comes_near(limit: MemoryLimit, level: Level) -> None:
    assert assess(MemorySnapshot(limits=(limit,)), 0).level == level


def test_tightest_limit_decides_and_is_named() -> None:
    limits = (memory_limit(9000, 16_000, "the machine"), memory_limit(30))
    pressure = assess(MemorySnapshot(300 * MB, limits), 0)
    assert (pressure.level, pressure.available_bytes, pressure.wanted_bytes) == ("high", 30 * MB, 50 * MB)
    assert pressure.reason == "30 MB of 400 MB available to the container; the server uses 300 MB"


def test_growth_over_the_baseline_raises_the_level() -> None:
    pressure = assess(MemorySnapshot(600 * MB), 300 * MB)
    assert (pressure.level, pressure.wanted_bytes) == ("raised", 300 * MB)
    assert pressure.reason == "the server uses 600 MB, 2.0 times its usual 300 MB"


@pytest.mark.parametrize(("resident_mb", "baseline_mb"), [(600, 0), (600, 410), (200, 60)])
def test_small_growth_is_normal(resident_mb: int, baseline_mb: int) -> None:
    assert assess(MemorySnapshot(resident_mb * MB), baseline_mb * MB).level == "normal"


@pytest.mark.parametrize(
    ("snapshot", "level"),
    [
        (MemorySnapshot(some_stalled_percent=9, all_stalled_percent=9), "normal"),
        (MemorySnapshot(some_stalled_percent=11), "raised"),
        (MemorySnapshot(some_stalled_percent=50, all_stalled_percent=11), "high"),
        (MemorySnapshot(some_stalled_percent=50, all_stalled_percent=41), "critical"),
        (MemorySnapshot(system_level="high"), "high"),
    ],
)
def test_pressure_reported_by_the_system_sets_the_level(snapshot: MemorySnapshot, level: Level) -> None:
    assert assess(snapshot, 0).level == level


@given(
    st.builds(
        MemorySnapshot,
        resident_bytes=st.integers(0, 10**12),
        limits=st.lists(st.builds(MemoryLimit, st.just("it"), st.integers(0, 10**13), st.integers(0, 10**13))).map(
            tuple
        ),
        some_stalled_percent=st.floats(0, 100),
        all_stalled_percent=st.floats(0, 100),
        system_level=st.sampled_from(LEVELS),
    ),
    st.integers(0, 10**12),
)
def test_any_readings_give_a_level_with_a_reason(snapshot: MemorySnapshot, baseline: int) -> None:
    pressure = assess(snapshot, baseline)
    assert pressure.reason
    assert pressure.wanted_bytes >= 0
    assert LEVELS.index(pressure.level) >= LEVELS.index(snapshot.system_level)
