"""Reads and writes phrases and phonemes in the database."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from wyoming_kokoro import SAMPLE_RATE, CachedPhrase, Pcm, PhraseKey, TextKey, decode_flac, encode_flac
from wyoming_kokoro_phrase_cache.database import PAGE_BYTES, Database
from wyoming_kokoro_phrase_cache.eviction import count_use, make_room, used_bytes
from wyoming_kokoro_phrase_cache.usage import UsageLog

MAX_LISTED = 1000
MAX_COST_SECONDS = 3600.0
EXPIRE_ROWS = 256
"""Rows that one transaction expires, so that lookups do not wait long."""
MAX_FREE_PAGES = 256
"""Free pages that stay in the file for the next phrases: 1 MB."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on the disk; a size of 0 means no file."""

    size_bytes: int
    max_age_seconds: float


class Totals(NamedTuple):
    """Totals of the database; hits and misses count from its creation."""

    phrases: int
    samples: int
    bytes: int
    hits: int
    misses: int


class PhraseStore:
    """Phrases and phonemes by digest. Used on one thread; all methods raise `sqlite3.Error` and `OSError`."""

    def __init__(self, path: Path, limits: Limits, log: logging.Logger) -> None:
        """Open a file that exists, and create the tables if it is empty."""
        self._database = Database(path)
        self._limits = limits
        self._log = log
        try:
            # A damaged file often fails here, which is better than at the first lookup.
            self._counters()
        except BaseException:
            self.close()
            raise

    def recording(self, digest: bytes) -> Pcm | None:
        """Return the recording of a `PhraseKey`, or None. Deletes a damaged one."""
        row = self._database.run(
            "SELECT samples, checksum, flac FROM phrases LEFT JOIN recordings USING (id) WHERE digest = ?", digest
        ).fetchone()
        if row is None:
            return None
        samples, checksum, content = row
        if _is_intact(checksum, digest, samples, content):
            return decode_flac(content)
        self._log.info("Cached phrase is damaged and will be synthesized again")
        self._delete_phrase(digest)
        return None

    def has(self, digest: bytes) -> bool:
        """Return whether there is a recording of a `PhraseKey`."""
        return self._database.run("SELECT 1 FROM phrases WHERE digest = ?", digest).fetchone() is not None

    def put(self, key: PhraseKey, pcm: Pcm, cost: float, now: float) -> bool:
        """Store a recording that took `cost` seconds to synthesize. Return whether there was room."""
        digest, content = key.digest, encode_flac(pcm)
        size = _footprint(content)
        with self._database.transaction():
            earlier = self._database.row(tuple[int], "SELECT uses FROM phrases WHERE digest = ?", digest)
            self._delete_phrase(digest)
            if not make_room(self._database, size, self._limits.size_bytes):
                return False
            number = self._database.run(
                "INSERT INTO phrases (digest, voice, speed, samples, size, cost, uses, used_at, checksum)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                digest,
                key.voice,
                key.speed,
                len(pcm),
                size,
                # This also turns NaN into 0, which SQLite would store as NULL.
                min(max(0.0, cost), MAX_COST_SECONDS),
                earlier[0] if earlier else 0,
                now,
                _checksum(digest, len(pcm), content),
            ).lastrowid
            self._database.run("INSERT INTO recordings VALUES (?, ?)", number, content)
            count_use(self._database, digest, 0, now)
        return True

    def phonemes(self, digest: bytes) -> str | None:
        """Return the phonemes of a `TextKey`, or None, also when they are damaged."""
        row: Any = self._database.run("SELECT checksum, content FROM phonemes WHERE digest = ?", digest).fetchone()
        if row is None:
            return None
        checksum, content = row
        return content.decode("utf-8", "surrogatepass") if _is_intact(checksum, digest, 0, content) else None

    def put_phonemes(self, key: TextKey, phonemes: str, now: float) -> None:
        """Store the phonemes of a text if there is room."""
        digest, content = key.digest, phonemes.encode("utf-8", "surrogatepass")
        with self._database.transaction():
            if make_room(self._database, _footprint(content), self._limits.size_bytes):
                self._database.run(
                    "INSERT OR REPLACE INTO phonemes (digest, used_at, content, checksum) VALUES (?, ?, ?, ?)",
                    digest,
                    now,
                    content,
                    _checksum(digest, 0, content),
                )

    def add_usage(self, usage: UsageLog, now: float) -> bool:
        """Store hits and misses. Return True."""
        with self._database.transaction():
            for digest, uses in usage.plays.items():
                count_use(self._database, digest, uses, now)
            for digest in usage.texts:
                self._database.run("UPDATE phonemes SET used_at = max(used_at, ?) WHERE digest = ?", now, digest)
            self._database.run("UPDATE counters SET hits = hits + ?, misses = misses + ?", usage.hits, usage.misses)
        return True

    def remove_excess(self, now: float) -> bool:
        """Delete some rows that are too old or exceed the limit, and shrink the file. Return whether more are left."""
        oldest = now - self._limits.max_age_seconds
        with self._database.transaction():
            expired = sum(
                self._database.run(
                    f"DELETE FROM {table} WHERE id IN"  # noqa: S608 the name is one of two
                    f" (SELECT id FROM {table} WHERE used_at < ? ORDER BY used_at LIMIT {EXPIRE_ROWS})",
                    oldest,
                ).rowcount
                for table in ("phrases", "phonemes")
            )
            fits = make_room(self._database, 0, self._limits.size_bytes)
        free_pages = self._database.pragma("freelist_count")
        if free_pages > MAX_FREE_PAGES:
            self._database.run(f"PRAGMA incremental_vacuum({MAX_FREE_PAGES})").fetchall()
        has_shrunk = self._database.pragma("freelist_count") < free_pages
        return bool(expired) or not fits or has_shrunk

    def totals(self) -> Totals:
        """Return the totals."""
        counted = self._database.rows(tuple[int, int], "SELECT count(*), ifnull(sum(samples), 0) FROM phrases")
        return Totals(*counted[0], used_bytes(self._database), *self._counters())

    def newest_use(self) -> float | None:
        """Return when a phrase or phonemes were last used, or None for an empty file."""
        (row,) = self._database.rows(
            tuple[float | None],
            "SELECT max(used_at) FROM (SELECT used_at FROM phrases UNION ALL SELECT used_at FROM phonemes)",
        )
        return row[0]

    def phrases(self, offset: float = 0.0) -> list[CachedPhrase]:
        """Return at most `MAX_LISTED` phrases, the most recently used first. `offset` is added to their times."""
        rows = self._database.rows(
            tuple[bytes, str, float, int, int, int, float],
            "SELECT digest, voice, speed, samples, size, uses, used_at FROM phrases ORDER BY used_at DESC LIMIT ?",
            MAX_LISTED,
        )
        return [
            CachedPhrase(digest.hex(), voice, speed, samples / SAMPLE_RATE, size, uses, used_at + offset)
            for digest, voice, speed, samples, size, uses, used_at in rows
        ]

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _counters(self) -> tuple[int, int]:
        counters = self._database.row(tuple[int, int], "SELECT hits, misses FROM counters")
        if counters is None:
            raise sqlite3.DatabaseError("the counters are missing")
        return counters

    def _delete_phrase(self, digest: bytes) -> None:
        self._database.run("DELETE FROM phrases WHERE digest = ?", digest)


def _checksum(digest: bytes, samples: int, content: bytes) -> bytes:
    """Return a checksum that binds content and length to their key, so that no row is played for another key."""
    return hashlib.blake2b(digest + samples.to_bytes(8, "little") + content, digest_size=16).digest()


def _is_intact(checksum: Any, digest: bytes, samples: Any, content: Any) -> bool:
    # A damaged row may hold any type.
    has_types = isinstance(samples, int) and samples >= 0 and isinstance(content, bytes)
    return has_types and bool(checksum == _checksum(digest, samples, content))


def _footprint(content: bytes) -> int:
    """Return the bytes that a row with `content` takes in the file, at most."""
    return (-(-len(content) // PAGE_BYTES) + 1) * PAGE_BYTES
