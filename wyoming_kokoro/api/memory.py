"""Memory that runs short: what those are told who hold some of it, and what they gave back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from wyoming_kokoro.api.observations import Level

if TYPE_CHECKING:
    pass

LEVELS: tuple[Level, ...] = get_args(Level)
"""From plenty to none."""


@dataclass(frozen=True, slots=True)
class MemoryPressure:
    """How short memory is."""

    level: Level
    """`normal` takes back what was said before: whoever paused may go on."""
    reason: str
    """For the owner of the machine."""
    resident_bytes: int = 0
    """What this process takes."""
    available_bytes: int | None = None
    """What is left to it where least is left: below its own limit, in its container or on the machine."""
    wanted_bytes: int = 0
    """How much would have to be given back for all to be well, as far as that is known."""

    def is_at_least(self, level: Level) -> bool:
        """Return whether memory is as short as `level` says, or shorter."""
        return LEVELS.index(self.level) >= LEVELS.index(level)


@dataclass(frozen=True, slots=True)
class FreedMemory:
    """One step in which memory was given back."""

    source: str
    """A plugin's name, or what of the server it was."""
    bytes: int = 0
    """As far as whoever gave it back can tell."""
