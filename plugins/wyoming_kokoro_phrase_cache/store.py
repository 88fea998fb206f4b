"""One file of recordings and phonemes, to read from."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path
from typing import NamedTuple

from wyoming_kokoro import SAMPLE_RATE, CachedPhrase, Pcm, TextKey
from wyoming_kokoro_phrase_cache.database import Database
from wyoming_kokoro_phrase_cache.failures import DamagedRow
from wyoming_kokoro_phrase_cache.flac import unpacked

MOST_LISTED = 1000


class Totals(NamedTuple):
    """What is kept in all."""

    phrases: int
    samples: int
    phrase_bytes: int
    phoneme_bytes: int
    hits: int
    misses: int

    @property
    def bytes(self) -> int:
        """What everything takes on the disk."""
        return self.phrase_bytes + self.phoneme_bytes


class PhraseStore:
    """Finds rows. Used by one thread; every method raises `sqlite3.Error`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @classmethod
    def for_reading(cls, path: Path) -> PhraseStore:
        """Open a file that exists."""
        return cls(Database.for_reading(path))

    def recording(self, digest: bytes) -> Pcm | None:
        """Return the recording of a `PhraseKey`, or None. Raises `DamagedRow` when it is not what was kept."""
        rows = self.database.rows(
            "SELECT samples, seal, content FROM phrases LEFT JOIN sounds USING (id) WHERE digest = ?", digest
        )
        if not rows:
            return None
        samples, mark, content = rows[0]
        if not (isinstance(samples, int) and isinstance(content, bytes) and mark == seal(digest, samples, content)):
            raise DamagedRow("the seal is broken")
        return unpacked(content, samples)

    def has(self, digest: bytes) -> bool:
        """Return whether there is a recording of a `PhraseKey`."""
        return bool(self.database.rows("SELECT 1 FROM phrases WHERE digest = ?", digest))

    def phonemes(self, key: TextKey) -> str | None:
        """Return the phonemes of a text, or None also when they are damaged: they are soon made and kept anew."""
        digest = key.digest
        rows = self.database.rows("SELECT seal, content FROM phonemes WHERE digest = ?", digest)
        if not rows:
            return None
        mark, content = rows[0]
        if not (isinstance(content, bytes) and mark == seal(digest, len(content), content)):
            return None
        return content.decode("utf-8", "surrogatepass")

    def totals(self) -> Totals:
        """Return what is kept in all."""
        found = self.database.row(
            Totals, "SELECT phrases, samples, phrase_bytes, phoneme_bytes, hits, misses FROM totals"
        )
        if found is None:
            raise sqlite3.DatabaseError("the totals are gone")
        return found

    def listing(self) -> list[CachedPhrase]:
        """Return the phrases that were used last, the last first."""
        listed = self.database.typed(
            tuple[bytes, str, float, int, int, int, float],
            "SELECT digest, voice, speed, samples, size, uses, used_at FROM phrases ORDER BY used_at DESC LIMIT ?",
            MOST_LISTED,
        )
        return [
            CachedPhrase(digest.hex(), voice, speed, samples / SAMPLE_RATE, size, uses, used_at)
            for digest, voice, speed, samples, size, uses, used_at in listed
        ]

    def close(self) -> None:
        """Give the file back."""
        self.database.close()


def seal(digest: bytes, length: int, content: bytes) -> bytes:
    """Bind the three together, so that no row plays under another's key, and none that was cut short."""
    return hashlib.blake2b(digest + length.to_bytes(8, "little", signed=True) + content, digest_size=16).digest()
