"""What is done when nobody is there: slice by slice, so that nobody who comes has to wait."""

from __future__ import annotations

from collections.abc import Iterable

from wyoming_kokoro_phrase_cache.database import Database
from wyoming_kokoro_phrase_cache.eviction import room_for_phonemes, room_for_phrase
from wyoming_kokoro_phrase_cache.schema import PAGE_BYTES
from wyoming_kokoro_phrase_cache.writable import WritablePhraseStore

WEEK = 7 * 86_400.0
"""How long a generation is kept after another took its place: somebody may go back to it."""
SLICE_PAGES = (1 << 20) // PAGE_BYTES
"""Free pages that are given back at a time, and that may stay."""


def tidy(shelf: WritablePhraseStore, fingerprints: Iterable[str], now: float) -> bool:
    """Do one slice of work; return whether there was any. Raises `sqlite3.Error`.

    What bears one of `fingerprints` is in use, even if nobody has asked for it for long.
    """
    shelf.touch(fingerprints, now)
    return any(work(shelf, now) for work in (_shrink, _drop_aged, _drop_generation, _give_back_pages))


def _shrink(shelf: WritablePhraseStore, _: float) -> bool:
    """Evict what is too much after the limit was lowered."""
    with shelf.database.transaction():
        phrases_fit = room_for_phrase(shelf.database, 0, shelf.limits.size)
        phonemes_fit = room_for_phonemes(shelf.database, 0, shelf.limits.size)
    return not (phrases_fit and phonemes_fit)


def _drop_aged(shelf: WritablePhraseStore, now: float) -> bool:
    since = now - shelf.limits.age
    phrases = "DELETE FROM phrases WHERE id IN (SELECT id FROM phrases WHERE used_at < ? ORDER BY used_at LIMIT 64)"
    phonemes = "DELETE FROM phonemes WHERE id IN (SELECT id FROM phonemes WHERE used_at < ? ORDER BY used_at LIMIT 512)"
    with shelf.database.transaction():
        return shelf.database.run(phrases, since) + shelf.database.run(phonemes, since) > 0


def _drop_generation(shelf: WritablePhraseStore, now: float) -> bool:
    """Drop rows of a generation that was last used a week before the newest of its kind.

    Not a week before now: after holidays, the first to come finds everything as it was.
    """
    past = (
        "SELECT id FROM generations AS this WHERE used_at < ? +"
        " min(?, (SELECT max(used_at) FROM generations AS other WHERE other.kind = this.kind)) LIMIT 1"
    )
    with shelf.database.transaction():
        found = shelf.database.row(tuple[int], past, -WEEK, now)
        if found and not _drop_rows_of(shelf.database, found[0]):
            shelf.database.run("DELETE FROM generations WHERE id = ?", found[0])
    return found is not None


def _drop_rows_of(database: Database, generation: int) -> int:
    phrases = "DELETE FROM phrases WHERE id IN (SELECT id FROM phrases WHERE generation = ? LIMIT 64)"
    phonemes = "DELETE FROM phonemes WHERE id IN (SELECT id FROM phonemes WHERE generation = ? LIMIT 512)"
    return database.run(phrases, generation) + database.run(phonemes, generation)


def _give_back_pages(shelf: WritablePhraseStore, _: float) -> bool:
    """Make the file smaller."""
    (free,) = shelf.database.rows("PRAGMA freelist_count")[0]
    if free <= SLICE_PAGES:
        return False
    shelf.database.rows(f"PRAGMA incremental_vacuum({SLICE_PAGES})")
    return True
