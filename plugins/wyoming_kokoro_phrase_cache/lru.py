"""The tier in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

T = TypeVar("T")
ENTRY_BYTES = 300
"""Approximate memory of an entry besides its value."""


class LruCache(Generic[T]):
    """Maps digests to values and evicts the least recently used ones. Safe to use from any thread."""

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.size_bytes = 0
        """The memory that the entries take."""
        self._entries: OrderedDict[bytes, tuple[T, int]] = OrderedDict()
        """The values with their sizes, the least recently used first."""
        # The event loop may wait for this lock, because no thread holds it for more than microseconds.
        self._lock = threading.Lock()

    def get(self, digest: bytes) -> T | None:
        """Return the value and mark it as used, or return None."""
        with self._lock:
            if digest not in self._entries:
                return None
            self._entries.move_to_end(digest)
            return self._entries[digest][0]

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._entries

    def put(self, digest: bytes, value: T, size_bytes: int) -> None:
        """Add or replace a value, unless it exceeds the limit on its own."""
        size = size_bytes + ENTRY_BYTES
        if size > self.limit_bytes:
            return
        with self._lock:
            self._remove(digest)
            self._entries[digest] = value, size
            self.size_bytes += size
            self._evict(self.limit_bytes)

    def trim(self, size_bytes: int) -> int:
        """Free at least `size_bytes` if that many are in use. Return the number of freed bytes."""
        with self._lock:
            before = self.size_bytes
            self._evict(max(0, before - max(0, size_bytes)))
            return before - self.size_bytes

    def clear(self) -> None:
        """Remove all entries."""
        with self._lock:
            self._evict(0)

    def values(self) -> list[T]:
        """Return all values."""
        with self._lock:
            return [value for value, _ in self._entries.values()]

    def _evict(self, limit_bytes: int) -> None:
        while self.size_bytes > limit_bytes:
            self._remove(next(iter(self._entries)))

    def _remove(self, digest: bytes) -> None:
        if digest in self._entries:
            self.size_bytes -= self._entries.pop(digest)[1]
