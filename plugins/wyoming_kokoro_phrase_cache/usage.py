"""What was used, noted in memory and written down now and then: a hit writes nothing."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

MOST_NOTED = 10_000
"""Phrases whose uses are noted between two writings; only without a disk can there be more."""


@dataclass(frozen=True, slots=True)
class Uses:
    """What was used until `at`, a Unix time, and was not written down yet."""

    at: float
    phrases: Mapping[bytes, int]
    """How often, by digest."""
    phonemes: frozenset[bytes]
    """The digests of texts whose phonemes were used."""
    hits: int
    misses: int

    def __bool__(self) -> bool:
        return bool(self.hits or self.misses or self.phonemes)


class UsageLog:
    """Takes note of uses, at once and from any thread."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` tells the Unix time."""
        self._clock = clock
        self._lock = threading.Lock()
        self._phrases: Counter[bytes] = Counter()
        self._phonemes: set[bytes] = set()
        self._hits = self._misses = 0
        self._fingerprints: frozenset[str] = frozenset()
        self.active_at = clock()
        """When something was asked for or put last, as a Unix time."""

    @property
    def fingerprints(self) -> frozenset[str]:
        """Those of every key that was asked for: what bears them is not of the past."""
        return self._fingerprints

    def active(self, fingerprint: str) -> None:
        """Note that somebody is here, and with which fingerprint."""
        self.active_at = self._clock()
        if fingerprint not in self._fingerprints:
            self._fingerprints |= {fingerprint}

    def hit(self, digest: bytes) -> None:
        """Note that a phrase was asked for and found."""
        with self._lock:
            self._hits += 1
            if len(self._phrases) < MOST_NOTED:
                self._phrases[digest] += 1

    def miss(self) -> None:
        """Note that a phrase was asked for and not found."""
        with self._lock:
            self._misses += 1

    def read(self, digest: bytes) -> None:
        """Note that the phonemes of a text were used."""
        with self._lock:
            if len(self._phonemes) < MOST_NOTED:
                self._phonemes.add(digest)

    def take(self) -> Uses:
        """Return what was noted and begin a new page."""
        with self._lock:
            uses = Uses(self._clock(), self._phrases, frozenset(self._phonemes), self._hits, self._misses)
            self._phrases, self._phonemes = Counter(), set()
            self._hits = self._misses = 0
        return uses

    def give_back(self, uses: Uses) -> None:
        """Count the hits and misses of `uses` again, for they could not be written."""
        with self._lock:
            self._hits += uses.hits
            self._misses += uses.misses

    def counted(self) -> tuple[int, int]:
        """Return the hits and the misses that are noted now."""
        with self._lock:
            return self._hits, self._misses
