"""What is said again and again in this house: a small SQLite file. Everything here blocks."""

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
"""What was said so long ago counts half."""
FORGOTTEN_DAYS = 60
"""What was not said for so long is dropped."""
MOST_TEXTS, MOST_HASHES = 500, 20_000
OFTEN = 5
OFTEN_ON_DAYS, DAYS = 3, 2
"""A text is kept when it was said so many times, or fewer on more than one day: before, only a hash of it is."""
WAIT_SECONDS = 5.0
"""For another process that has the file open."""

T = TypeVar("T")

SCHEMA = """
CREATE TABLE IF NOT EXISTS said (
    digest BLOB PRIMARY KEY,
    uses INTEGER NOT NULL,
    days INTEGER NOT NULL,
    first_day INTEGER NOT NULL,
    last_day INTEGER NOT NULL,
    score REAL NOT NULL,
    voice TEXT,
    text TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS said_last ON said (last_day);
CREATE INDEX IF NOT EXISTS said_hashes ON said (score) WHERE text IS NULL;
CREATE INDEX IF NOT EXISTS said_texts ON said (score) WHERE text IS NOT NULL;
"""
TOO_MANY_HASHES = """
DELETE FROM said WHERE digest IN (
    SELECT digest FROM said WHERE text IS NULL ORDER BY score
    LIMIT max(0, (SELECT count(*) FROM said WHERE text IS NULL) - ?)
)"""
TOO_MANY_TEXTS = """
UPDATE said SET text = NULL, voice = NULL WHERE digest IN (
    SELECT digest FROM said WHERE text IS NOT NULL ORDER BY score
    LIMIT max(0, (SELECT count(*) FROM said WHERE text IS NOT NULL) - ?)
)"""
# A score is the logarithm of the uses, each of which doubles in weight every half-life that it is later: so old ones
# fade without being rewritten, and all rows can be compared by it.


@dataclass(frozen=True, slots=True)
class Said:
    """Something was said once."""

    text: str
    voice: str
    """Nothing stands for the default voice."""
    day: int
    """As `date.toordinal` numbers them."""

    @property
    def digest(self) -> bytes:
        """Return 16 bytes that stand for text and voice."""
        return hashlib.blake2b(f"{self.voice}\0{self.text}".encode(), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class FrequentPhrase:
    """Something that is said again and again."""

    text: str
    voice: str
    a_day: float
    """How many times, of late."""


@dataclass(frozen=True, slots=True)
class _Count:
    uses: int
    days: int
    first_day: int
    last_day: int
    score: float

    def with_one_on(self, day: int) -> _Count:
        fresh = day / HALF_LIFE_DAYS
        top = max(self.score, fresh)
        score = top + math.log2(2.0 ** (self.score - top) + 2.0 ** (fresh - top))
        days = self.days + (day != self.last_day)
        return _Count(self.uses + 1, days, min(self.first_day, day), max(self.last_day, day), score)

    @property
    def is_habit(self) -> bool:
        return self.uses >= OFTEN or (self.uses >= OFTEN_ON_DAYS and self.days >= DAYS)


class UsageDatabase:
    """Counts what is said. Nothing here fails: what the disk does wrong is logged once, and then not learned from.

    Each method opens the file and closes it, so that several processes may use it.
    """

    def __init__(self, file: Path, log: logging.Logger) -> None:
        self._file = file
        self._log = log
        self._complained = False

    def write(self, said: Iterable[Said], today: int) -> None:
        """Count what was said, and drop what is old or too much."""

        def count_all(database: sqlite3.Connection) -> None:
            for one in said:
                _count(database, one)
            _tidy(database, today)

        self._transact(count_all)

    def habits(self, today: int) -> list[FrequentPhrase]:
        """Return the texts that are kept, those that count most first."""

        def read(database: sqlite3.Connection) -> list[FrequentPhrase]:
            rows = database.execute(
                "SELECT text, voice, score, first_day FROM said WHERE text IS NOT NULL AND last_day >= ?"
                " ORDER BY score DESC",
                (today - FORGOTTEN_DAYS,),
            )
            return [FrequentPhrase(text, voice, _a_day(score, first, today)) for text, voice, score, first in rows]

        return (self._transact(read) if self._file.exists() else None) or []

    def forget(self) -> None:
        """Empty the file, so that nothing can be read out of it either."""
        self._aside.unlink(missing_ok=True)
        if self._file.exists():
            self._transact(lambda database: database.execute("DELETE FROM said"))
            self._aside.unlink(missing_ok=True)  # it may be the file that was just to be emptied

    @property
    def _aside(self) -> Path:
        return self._file.with_suffix(".damaged")

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """Return what `work` does within one transaction, or None when it fails, which is undone and logged."""
        try:
            _make(self._file)
            with closing(sqlite3.connect(self._file, timeout=WAIT_SECONDS)) as database:
                database.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
                database.executescript(SCHEMA)
                with database:
                    return work(database)
        except (sqlite3.OperationalError, OSError) as error:
            self._complain("%s cannot be used (%s); nothing is learned", self._file, error)
        except sqlite3.DatabaseError as error:
            self._set_aside(error)
        return None

    def _set_aside(self, error: Exception) -> None:
        try:
            self._file.replace(self._aside)
        except OSError as failure:
            error = failure
        self._complain("%s is damaged and set aside (%s); learning begins anew", self._file, error)

    def _complain(self, message: str, *arguments: object) -> None:
        if not self._complained:
            self._log.warning(message, *arguments)
        self._complained = True


def _make(file: Path) -> None:
    """What is said in a house is for nobody else on the machine to read."""
    file.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))


def _count(database: sqlite3.Connection, said: Said) -> None:
    digest = said.digest
    row = database.execute(
        "SELECT uses, days, first_day, last_day, score FROM said WHERE digest = ?", (digest,)
    ).fetchone()
    count = _Count(*row).with_one_on(said.day) if row else _Count(1, 1, said.day, said.day, said.day / HALF_LIFE_DAYS)
    kept = (said.voice, said.text) if count.is_habit else (None, None)
    database.execute(
        "REPLACE INTO said (digest, uses, days, first_day, last_day, score, voice, text)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (digest, count.uses, count.days, count.first_day, count.last_day, count.score, *kept),
    )


def _tidy(database: sqlite3.Connection, today: int) -> None:
    database.execute("DELETE FROM said WHERE last_day < ?", (today - FORGOTTEN_DAYS,))
    database.execute(TOO_MANY_TEXTS, (MOST_TEXTS,))  # they are counted on, and so may come back
    database.execute(TOO_MANY_HASHES, (MOST_HASHES,))


def _a_day(score: float, first_day: int, today: int) -> float:
    """Return the uses a day: the weight of all uses, by the weight of as many days with one use each."""
    age = max(1, today - first_day + 1)
    days = (1 - math.pow(0.5, age / HALF_LIFE_DAYS)) / (1 - math.pow(0.5, 1 / HALF_LIFE_DAYS))
    weight = math.pow(2.0, min(60.0, score - today / HALF_LIFE_DAYS))
    return weight / days
