from __future__ import annotations

from wyoming_kokoro.api.memory import LEVELS, MemoryPressure


def test_memory_pressure_levels_are_ordered() -> None:
    for number, level in enumerate(LEVELS):
        reached = [MemoryPressure(level, "").is_at_least(other) for other in LEVELS]
        assert reached == [other <= number for other in range(len(LEVELS))]
