"""Collects hits and misses in memory, so that a hit does not write to the disk."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

MAX_DIGESTS = 10_000
"""Digests that are collected between two writes. Only a cache without a disk can reach this number."""


@dataclass
class UsageLog:
    """Hits and misses that are not on the disk yet. Used on the event loop only."""

    plays: Counter[bytes] = field(default_factory=Counter)
    """Hits by digest of the phrase."""
    texts: set[bytes] = field(default_factory=set)
    """Digests of texts whose phonemes were used."""
    hits: int = 0
    misses: int = 0

    def __bool__(self) -> bool:
        return bool(self.hits or self.misses or self.texts)

    def add_hit(self, digest: bytes) -> None:
        """Count a phrase that was found."""
        self.hits += 1
        if len(self.plays) < MAX_DIGESTS:
            self.plays[digest] += 1

    def add_text(self, digest: bytes) -> None:
        """Mark the phonemes of a text as used."""
        if len(self.texts) < MAX_DIGESTS:
            self.texts.add(digest)

    def take(self) -> UsageLog:
        """Return the collected usage and reset this log."""
        taken = UsageLog(self.plays, self.texts, self.hits, self.misses)
        self.plays, self.texts, self.hits, self.misses = Counter(), set(), 0, 0
        return taken

    def add(self, other: UsageLog) -> None:
        """Add the totals of a log that could not be written. Its digests are dropped."""
        self.hits += other.hits
        self.misses += other.misses
