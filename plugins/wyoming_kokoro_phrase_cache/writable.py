"""One file of recordings and phonemes, to write to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from wyoming_kokoro import Pcm, PhraseKey, TextKey
from wyoming_kokoro_phrase_cache.database import Database
from wyoming_kokoro_phrase_cache.eviction import room_for_phonemes, room_for_phrase, value_anew
from wyoming_kokoro_phrase_cache.failures import DamagedRow
from wyoming_kokoro_phrase_cache.flac import packed
from wyoming_kokoro_phrase_cache.schema import ROW_BYTES, footprint
from wyoming_kokoro_phrase_cache.store import PhraseStore, seal
from wyoming_kokoro_phrase_cache.usage import Uses

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is kept, and for how long."""

    size: int
    """In bytes, on the disk."""
    age: float
    """In seconds since the last use."""


class WritablePhraseStore(PhraseStore):
    """Keeps and removes rows, too; each method is one transaction."""

    def __init__(self, database: Database, limits: Limits) -> None:
        super().__init__(database)
        self.limits = limits

    @classmethod
    def opened(cls, path: Path, limits: Limits) -> WritablePhraseStore:
        """Open a file that exists; an empty one gets its tables."""
        with ExitStack() as stack:
            shelf = cls(Database.for_writing(path), limits)
            stack.callback(shelf.close)
            shelf.totals()  # which shows whether it is one of ours
            stack.pop_all()
        return shelf

    def keep(self, key: PhraseKey, pcm: Pcm, cost: float, now: float) -> bool:
        """Keep a recording that took `cost` seconds to make; return whether there was room."""
        digest, content = key.digest, packed(pcm)
        size = footprint(content)
        with self.database.transaction():
            uses = self._earlier_uses(digest)
            self.remove(digest)
            if not room_for_phrase(self.database, size, self.limits.size):
                return False
            number = self.database.insert(
                "INSERT INTO phrases (digest, generation, voice, speed, samples, size, cost, uses, seal)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                digest,
                self._generation("phrases", key.fingerprint, now),
                key.voice,
                key.speed,
                len(pcm),
                size,
                min(max(0.0, cost), HOUR),
                uses,
                seal(digest, len(pcm), content),
            )
            self.database.run("INSERT INTO sounds VALUES (?, ?)", number, content)
            value_anew(self.database, digest, 0, now)
        return True

    def remove(self, digest: bytes) -> None:
        """Remove a recording, if it is there."""
        self.database.run("DELETE FROM phrases WHERE digest = ?", digest)

    def remove_if_damaged(self, digest: bytes) -> None:
        """Remove a recording if it cannot be read; it may have been replaced meanwhile."""
        try:
            self.recording(digest)
        except DamagedRow:
            self.remove(digest)

    def keep_phonemes(self, key: TextKey, phonemes: str, now: float) -> None:
        """Keep the phonemes of a text, if there is room."""
        digest, content = key.digest, phonemes.encode("utf-8", "surrogatepass")
        size = len(content) + ROW_BYTES
        with self.database.transaction():
            self.database.run("DELETE FROM phonemes WHERE digest = ?", digest)
            if not room_for_phonemes(self.database, size, self.limits.size):
                return
            generation = self._generation("phonemes", key.fingerprint, now)
            self.database.run(
                "INSERT INTO phonemes (digest, generation, size, used_at, seal, content) VALUES (?, ?, ?, ?, ?, ?)",
                digest,
                generation,
                size,
                now,
                seal(digest, len(content), content),
                content,
            )

    def note(self, uses: Uses, fingerprints: Iterable[str]) -> bool:
        """Write down what was used, and that `fingerprints` are still those of somebody; return True."""
        with self.database.transaction():
            for digest, times in uses.phrases.items():
                value_anew(self.database, digest, times, uses.at)
            for digest in uses.phonemes:
                self.database.run("UPDATE phonemes SET used_at = ? WHERE digest = ?", uses.at, digest)
            self.touch(fingerprints, uses.at)
            self.database.run("UPDATE totals SET hits = hits + ?, misses = misses + ?", uses.hits, uses.misses)
        return True

    def touch(self, fingerprints: Iterable[str], now: float) -> None:
        """Note that somebody uses what bears one of `fingerprints`."""
        for mark in map(_digest, fingerprints):
            self.database.run("UPDATE generations SET used_at = ? WHERE fingerprint = ?", now, mark)

    def _earlier_uses(self, digest: bytes) -> int:
        found = self.database.row(tuple[int], "SELECT uses FROM phrases WHERE digest = ?", digest)
        return found[0] if found else 0

    def _generation(self, kind: str, fingerprint: str, now: float) -> int:
        mark = _digest(fingerprint)
        self.database.run("INSERT OR IGNORE INTO generations (kind, fingerprint) VALUES (?, ?)", kind, mark)
        self.database.run("UPDATE generations SET used_at = ? WHERE kind = ? AND fingerprint = ?", now, kind, mark)
        found = self.database.row(
            tuple[int], "SELECT id FROM generations WHERE kind = ? AND fingerprint = ?", kind, mark
        )
        assert found
        return found[0]


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
