"""The tier in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
ENTRY_BYTES = 300
"""Approximate memory of an entry besides its value."""


@dataclass(slots=True)
class LruEntry(Generic[T]):
    """A value with its use; `used_at` is a Unix time."""

    value: T
    size_bytes: int
    used_at: float
    uses: int = 0


class LruCache(Generic[T]):
    """Maps digests to values and evicts the least recently used ones. Safe to use from any thread."""

    def __init__(self, limit_bytes: int, clock: Callable[[], float]) -> None:
        """`clock` returns the Unix time."""
        self.limit_bytes = limit_bytes
        self._clock = clock
        self._entries: OrderedDict[bytes, LruEntry[T]] = OrderedDict()
        self._size_bytes = 0
        # The event loop may wait for this lock, because no thread holds it for more than microseconds.
        self._lock = threading.Lock()

    @property
    def size_bytes(self) -> int:
        """The memory that the entries take."""
        return self._size_bytes

    def get(self, digest: bytes) -> T | None:
        """Return the value and mark it as used, or return None."""
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

    def put(self, digest: bytes, value: T, size_bytes: int) -> None:
        """Add or replace a value, unless it exceeds the limit on its own."""
        entry = LruEntry(value, size_bytes + ENTRY_BYTES, self._clock())
        if entry.size_bytes > self.limit_bytes:
            return
        with self._lock:
            self._remove(digest)
            self._entries[digest] = entry
            self._size_bytes += entry.size_bytes
            self._evict(self.limit_bytes)

    def trim(self, size_bytes: int) -> int:
        """Free at least `size_bytes` if that many are in use. Return the number of freed bytes."""
        with self._lock:
            before = self._size_bytes
            self._evict(max(0, before - max(0, size_bytes)))
            return before - self._size_bytes

    def clear(self) -> None:
        """Remove all entries."""
        with self._lock:
            self._evict(0)

    def entries(self) -> list[tuple[bytes, LruEntry[T]]]:
        """Return all digests and entries, the most recently used first."""
        with self._lock:
            return list(reversed(self._entries.items()))

    def _evict(self, limit_bytes: int) -> None:
        while self._size_bytes > limit_bytes:
            self._remove(next(iter(self._entries)))

    def _remove(self, digest: bytes) -> None:
        entry = self._entries.pop(digest, None)
        if entry:
            self._size_bytes -= entry.size_bytes
