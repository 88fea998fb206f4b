"""What is seen of the memory at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from wyoming_kokoro.api.observations import Level


@dataclass(frozen=True, slots=True)
class Bound:
    """Something that sets a limit to how much memory there is."""

    name: str
    """In words, with its article: `the machine`."""
    limit: int
    """Bytes."""
    available: int
    """Bytes that are left, among them those that the kernel can take back from its caches at once."""


@dataclass(frozen=True, slots=True)
class Heap:
    """What the C library's allocator holds, in bytes."""

    used: int
    free: int
    """Free, but not given back to the system, or only in part."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How the memory is; what cannot be read is as if all were well."""

    resident: int = 0
    """Bytes of this process that are in memory."""
    private: int = 0
    """Those of them that belong to no file: heap, stacks."""
    heap: Heap | None = None
    """None where the C library does not tell."""
    other: int = 0
    """Private bytes that are not the allocator's: what it left when it had given back all."""
    bounds: tuple[Bound, ...] = ()
    some_stalled: float = 0.0
    """Per cent of the last ten seconds in which some task waited for memory (PSI)."""
    all_stalled: float = 0.0
    """Per cent in which all did."""
    kernel_level: Level = "normal"
    """What the system itself says, where it says anything: macOS does."""

    @property
    def available(self) -> int | None:
        """Bytes that are left where least is left; None when no bound is known."""
        return min((bound.available for bound in self.bounds), default=None)

    @property
    def wasted(self) -> int:
        """About how many bytes are in memory though nobody uses them: free pieces between others that are in use."""
        if self.heap is None:
            return 0
        return max(0, min(self.heap.free, self.private - self.heap.used - self.other))


class Sensors(Protocol):
    """Feels how the memory is."""

    def read(self) -> Reading:
        """Return how it is now. Blocks for a moment, and never raises."""

    def trim(self) -> None:
        """Have the allocator give back what it holds for nobody. Blocks for a moment, and never raises."""
