"""How short memory is, and how much was freed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from wyoming_kokoro.api.observations import Level

LEVELS: tuple[Level, ...] = get_args(Level)
"""All levels, from `normal` to `critical`."""


@dataclass(frozen=True, slots=True)
class MemoryPressure:
    """The memory situation of the process."""

    level: Level
    """At `normal`, paused work may resume."""
    reason: str
    """One line for the operator."""
    resident_bytes: int = 0
    """Memory that the process uses."""
    available_bytes: int | None = None
    """Memory that the process may still use: the smallest of the configured limit, the container and the machine."""
    wanted_bytes: int = 0
    """How much should be freed to return to `normal`; 0 if unknown."""

    def is_at_least(self, level: Level) -> bool:
        """Return whether the memory is at `level` or a more critical level."""
        return LEVELS.index(self.level) >= LEVELS.index(level)


@dataclass(frozen=True, slots=True)
class FreedMemory:
    """The result of one step that frees memory."""

    source: str
    """The name of a plugin or of a part of the server."""
    bytes: int = 0
    """0 if the source does not know."""
