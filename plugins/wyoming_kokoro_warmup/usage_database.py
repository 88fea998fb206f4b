"""How often each text was spoken, in a small SQLite file. Everything here blocks.

Of a text that was spoken only a few times, the file contains a hash and no word.
"""

from __future__ import annotations

import hashlib
import logging
import math
import os
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

HALF_LIFE_DAYS = 14.0
MAX_AGE_DAYS = 60
MAX_TEXTS, MAX_HASHES = 500, 20_000
# A text is frequent after five uses, or after three uses on two days.
FREQUENT_USES = 5
FREQUENT_USES_ON_SEVERAL_DAYS, SEVERAL_DAYS = 3, 2
LOCK_TIMEOUT_SECONDS = 5.0

T = TypeVar("T")

# The score is log2 of the sum of the uses, where a use of day d weighs 2 ** (d / HALF_LIFE_DAYS). Recent uses thus
# count more, scores of all rows can be compared, and no row needs an update as it ages.
SCHEMA = """
CREATE TABLE IF NOT EXISTS spoken (
    digest BLOB PRIMARY KEY,
    uses INTEGER NOT NULL,
    days INTEGER NOT NULL,
    first_day INTEGER NOT NULL,
    last_day INTEGER NOT NULL,
    score REAL NOT NULL,
    voice TEXT,
    text TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS spoken_last ON spoken (last_day);
CREATE INDEX IF NOT EXISTS spoken_hashes ON spoken (score) WHERE text IS NULL;
CREATE INDEX IF NOT EXISTS spoken_texts ON spoken (score) WHERE text IS NOT NULL;
"""
DELETE_EXCESS_HASHES = """
DELETE FROM spoken WHERE digest IN (
    SELECT digest FROM spoken WHERE text IS NULL ORDER BY score
    LIMIT max(0, (SELECT count(*) FROM spoken WHERE text IS NULL) - ?)
)"""
# The row of an excess text is kept as a hash, so that the text can become frequent again.
DELETE_EXCESS_TEXTS = """
UPDATE spoken SET text = NULL, voice = NULL WHERE digest IN (
    SELECT digest FROM spoken WHERE text IS NOT NULL ORDER BY score
    LIMIT max(0, (SELECT count(*) FROM spoken WHERE text IS NOT NULL) - ?)
)"""


@dataclass(frozen=True, slots=True)
class SpokenText:
    """One use of a text."""

    text: str
    voice: str
    """Empty for the default voice."""
    day: int
    """Number of the day, as in `date.toordinal`."""

    @property
    def digest(self) -> bytes:
        """A hash of text and voice, 16 bytes long."""
        return hashlib.blake2b(f"{self.voice}\0{self.text}".encode(), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class FrequentPhrase:
    """A text that is spoken often."""

    text: str
    voice: str
    """Empty for the default voice."""
    requests_per_day: float
    """Average of the last weeks."""


@dataclass(frozen=True, slots=True)
class _UsageCount:
    uses: int
    days: int
    first_day: int
    last_day: int
    score: float

    def add_use(self, day: int) -> _UsageCount:
        weight = day / HALF_LIFE_DAYS
        # The larger exponent is factored out, since 2 ** score is too large for a float.
        top = max(self.score, weight)
        score = top + math.log2(2.0 ** (self.score - top) + 2.0 ** (weight - top))
        days = self.days + (day != self.last_day)
        return _UsageCount(self.uses + 1, days, min(self.first_day, day), max(self.last_day, day), score)

    @property
    def is_frequent(self) -> bool:
        return self.uses >= FREQUENT_USES or (self.uses >= FREQUENT_USES_ON_SEVERAL_DAYS and self.days >= SEVERAL_DAYS)


class UsageDatabase:
    """Counts spoken texts. Errors of the file are logged once, and then nothing is learned.

    Each method opens and closes the file, so that several processes can use it.
    """

    def __init__(self, file: Path, log: logging.Logger) -> None:
        self._file = file
        self._log = log
        self._has_warned = False

    def add(self, spoken: Iterable[SpokenText], today: int) -> None:
        """Count `spoken`, and delete old and excess rows."""

        def add_all(database: sqlite3.Connection) -> None:
            for text in spoken:
                _add(database, text)
            _delete_excess(database, today)

        self._transact(add_all)

    def frequent_phrases(self, today: int) -> list[FrequentPhrase]:
        """Return the frequent texts, the most frequent first."""

        def read(database: sqlite3.Connection) -> list[FrequentPhrase]:
            rows = database.execute(
                "SELECT text, voice, score, first_day FROM spoken WHERE text IS NOT NULL AND last_day >= ?"
                " ORDER BY score DESC",
                (today - MAX_AGE_DAYS,),
            )
            return [
                FrequentPhrase(text, voice, _requests_per_day(score, first, today))
                for text, voice, score, first in rows
            ]

        return (self._transact(read) if self._file.exists() else None) or []

    def clear(self) -> None:
        """Delete all rows, and overwrite them in the file."""
        self._damaged_file.unlink(missing_ok=True)
        if self._file.exists():
            self._transact(lambda database: database.execute("DELETE FROM spoken"))
            # The transaction may have renamed a damaged file.
            self._damaged_file.unlink(missing_ok=True)

    @property
    def _damaged_file(self) -> Path:
        return self._file.with_suffix(".damaged")

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """Return the result of `work`, which runs in a transaction. Return None if it fails."""
        try:
            _create(self._file)
            with closing(sqlite3.connect(self._file, timeout=LOCK_TIMEOUT_SECONDS)) as database:
                database.execute("PRAGMA secure_delete = ON")
                database.executescript(SCHEMA)
                with database:
                    return work(database)
        except (sqlite3.OperationalError, OSError) as error:
            self._warn("%s cannot be used (%s); nothing is learned", self._file, error)
        except sqlite3.DatabaseError as error:
            self._rename_damaged(error)
        return None

    def _rename_damaged(self, error: Exception) -> None:
        try:
            self._file.replace(self._damaged_file)
        except OSError as failure:
            error = failure
        self._warn("%s is damaged and was renamed (%s); learning starts again", self._file, error)

    def _warn(self, message: str, *arguments: object) -> None:
        if not self._has_warned:
            self._log.warning(message, *arguments)
        self._has_warned = True


def _create(file: Path) -> None:
    """Create the file, readable by its owner only."""
    file.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))


def _add(database: sqlite3.Connection, spoken: SpokenText) -> None:
    digest, day = spoken.digest, spoken.day
    row = database.execute(
        "SELECT uses, days, first_day, last_day, score FROM spoken WHERE digest = ?", (digest,)
    ).fetchone()
    count = _UsageCount(*row).add_use(day) if row else _UsageCount(1, 1, day, day, day / HALF_LIFE_DAYS)
    text = (spoken.voice, spoken.text) if count.is_frequent else (None, None)
    database.execute(
        "REPLACE INTO spoken (digest, uses, days, first_day, last_day, score, voice, text)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (digest, count.uses, count.days, count.first_day, count.last_day, count.score, *text),
    )


def _delete_excess(database: sqlite3.Connection, today: int) -> None:
    database.execute("DELETE FROM spoken WHERE last_day < ?", (today - MAX_AGE_DAYS,))
    database.execute(DELETE_EXCESS_TEXTS, (MAX_TEXTS,))
    database.execute(DELETE_EXCESS_HASHES, (MAX_HASHES,))


def _requests_per_day(score: float, first_day: int, today: int) -> float:
    """Return the weight of all uses, divided by the weight of one use on each day since `first_day`."""
    age = max(1, today - first_day + 1)
    days = (1 - math.pow(0.5, age / HALF_LIFE_DAYS)) / (1 - math.pow(0.5, 1 / HALF_LIFE_DAYS))
    # A clock that was set back gives an exponent that would overflow.
    weight = math.pow(2.0, min(60.0, score - today / HALF_LIFE_DAYS))
    return weight / days
