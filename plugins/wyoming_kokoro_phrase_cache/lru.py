"""What was used last, bounded by bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
ENTRY_BYTES = 300
"""What an entry takes beside its value, about."""


@dataclass(slots=True)
class Entry(Generic[T]):
    """A value that is kept."""

    value: T
    size: int
    """In bytes."""
    used_at: float
    """As a Unix time."""
    uses: int = 0


class LruCache(Generic[T]):
    """Keeps values by digest; what was used longest ago goes first. From any thread, and at once."""

    def __init__(self, limit: int, clock: Callable[[], float]) -> None:
        """`limit` in bytes; `clock` tells the Unix time."""
        self.limit = limit
        self._clock = clock
        self._entries: OrderedDict[bytes, Entry[T]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()  # held for microseconds, so that the event loop may wait for it

    @property
    def size(self) -> int:
        """The bytes that are taken."""
        return self._size

    def get(self, digest: bytes) -> T | None:
        """Return a value, which is a use of it, or None."""
        with self._lock:
            entry = self._entries.get(digest)
            if entry is None:
                return None
            self._entries.move_to_end(digest)
            entry.uses += 1
            entry.used_at = self._clock()
            return entry.value

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._entries

    def keep(self, digest: bytes, value: T, size: int) -> None:
        """Keep a value of `size` bytes, unless it is larger than the limit."""
        entry = Entry(value, size + ENTRY_BYTES, self._clock())
        if entry.size > self.limit:
            return
        with self._lock:
            self._drop(digest)
            self._entries[digest] = entry
            self._size += entry.size
            self._shrink(self.limit)

    def trim(self, size: int) -> int:
        """Give back at least `size` bytes, as far as there are; return how many."""
        with self._lock:
            before = self._size
            self._shrink(max(0, before - max(0, size)))
            return before - self._size

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._shrink(0)

    def entries(self) -> list[tuple[bytes, Entry[T]]]:
        """Return all digests and entries, what was used last first."""
        with self._lock:
            return list(reversed(self._entries.items()))

    def _shrink(self, limit: int) -> None:
        while self._size > limit:
            self._drop(next(iter(self._entries)))

    def _drop(self, digest: bytes) -> None:
        entry = self._entries.pop(digest, None)
        if entry:
            self._size -= entry.size
