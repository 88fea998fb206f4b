"""Memory readings of one moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from wyoming_kokoro.api.observations import Level

LEVELS: tuple[Level, ...] = get_args(Level)
"""From normal to critical."""


@dataclass(frozen=True, slots=True)
class MemoryLimit:
    """A limit on the memory of this process."""

    name: str
    """What sets the limit, for messages: `the machine`."""
    limit_bytes: int
    available_bytes: int
    """Bytes left below the limit, including caches that the kernel can drop at once."""


@dataclass(frozen=True, slots=True)
class MemorySnapshot:
    """Memory readings of one moment. Each default means that the sensor is missing or reports no shortage."""

    resident_bytes: int = 0
    """Physical memory that this process uses."""
    limits: tuple[MemoryLimit, ...] = ()
    some_stalled_percent: float = 0.0
    """Share of the last 10 seconds in which at least one task waited for memory (PSI `some`)."""
    all_stalled_percent: float = 0.0
    """Share of the last 10 seconds in which all tasks waited for memory (PSI `full`)."""
    system_level: Level = "normal"
    """Memory pressure as the operating system reports it; macOS only."""

    @property
    def available_bytes(self) -> int | None:
        """Bytes left below the tightest limit, or None when no limit is known."""
        return min((limit.available_bytes for limit in self.limits), default=None)
