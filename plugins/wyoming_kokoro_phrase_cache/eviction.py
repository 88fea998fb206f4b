"""What has to go when the limit is reached: GreedyDual-Size-Frequency (Cherkasova, 1998).

The worth of a phrase is `floor + (uses + 1) * cost / size`, and what is worth least goes. `floor`, the worth of what
went last, only rises, and a phrase is valued anew when it is used: so what was not used for long is worth less and
less beside the others, though nothing is ever counted down.
"""

from __future__ import annotations

import sqlite3

from wyoming_kokoro_phrase_cache.database import Database

MOST_AT_ONCE = 64
"""Rows that one transaction evicts at most, so that it stays short when a limit was lowered."""
PHONEMES_SHARE = 16
"""Phonemes may take this part of the limit, and phrases the rest."""


def value_anew(database: Database, digest: bytes, uses: int, now: float) -> None:
    """Note that a phrase was used so often until `now`."""
    database.run(
        "UPDATE phrases SET uses = uses + ?1, used_at = ?2,"
        " worth = (SELECT floor FROM totals) + (uses + ?1 + 1) * cost / size WHERE digest = ?3",
        uses,
        now,
        digest,
    )


def room_for_phrase(database: Database, size: int, limit: int) -> bool:
    """Evict phrases until `size` more bytes fit; return whether they do. In a transaction."""
    limit -= limit // PHONEMES_SHARE
    if size > limit:
        return False
    for _ in range(MOST_AT_ONCE):
        if _taken(database, "SELECT phrase_bytes FROM totals") + size <= limit:
            return True
        _evict_phrase(database)
    return False


def room_for_phonemes(database: Database, size: int, limit: int) -> bool:
    """Evict phonemes until `size` more bytes fit; return whether they do. In a transaction."""
    limit //= PHONEMES_SHARE
    if size > limit:
        return False
    for _ in range(MOST_AT_ONCE):
        if _taken(database, "SELECT phoneme_bytes FROM totals") + size <= limit:
            return True
        if not database.run("DELETE FROM phonemes WHERE id = (SELECT id FROM phonemes ORDER BY used_at LIMIT 1)"):
            raise _contradiction()
    return False


def _evict_phrase(database: Database) -> None:
    worst = database.row(tuple[int, float], "SELECT id, worth FROM phrases ORDER BY worth LIMIT 1")
    if worst is None or not database.run("DELETE FROM phrases WHERE id = ?", worst[0]):
        raise _contradiction()
    database.run("UPDATE totals SET floor = max(floor, ?)", worst[1])


def _taken(database: Database, query: str) -> int:
    found = database.row(tuple[int], query)
    if found is None:
        raise _contradiction()
    return found[0]


def _contradiction() -> sqlite3.DatabaseError:
    return sqlite3.DatabaseError("the totals contradict the rows")
