"""How often each text was spoken, in a small SQLite file. Everything here blocks.

Of a text that was spoken only a few times, the file contains a hash and no word.
"""

from __future__ import annotations

import hashlib
import logging
import math
import os
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

from wyoming_kokoro import Phrase, require_own_file

if TYPE_CHECKING:
    import sqlite3

HALF_LIFE_DAYS = 14.0
MAX_AGE_DAYS = 60
MAX_TEXTS, MAX_HASHES = 500, 20_000
LOCK_TIMEOUT_SECONDS = 5.0

# Parts of the messages of SQLite that do not mean damage. Python 3.10 has no `sqlite_errorcode`.
REFUSALS = ("locked", "unable to open", "disk I/O", "readonly", "disk is full")

T = TypeVar("T")
# Text, voice (empty for the default voice) and number of the day, as in `date.toordinal`.
SpokenText = tuple[str, str, int]

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
ADD_USE = """
INSERT INTO spoken (digest, uses, days, first_day, last_day, score)
VALUES (:digest, 1, 1, :day, :day, :weight)
ON CONFLICT (digest) DO UPDATE SET
    uses = uses + 1,
    days = days + (last_day != :day),
    first_day = min(first_day, :day),
    last_day = max(last_day, :day),
    score = add_log2(score, :weight)
"""
# A text is frequent after five uses, or after three uses on two days.
STORE_FREQUENT_TEXT = """
UPDATE spoken SET voice = :voice, text = :text
WHERE digest = :digest AND (uses >= 5 OR (uses >= 3 AND days >= 2))
"""
FREQUENT_TEXTS = """
SELECT text, voice, score, first_day FROM spoken WHERE text IS NOT NULL AND last_day >= ? ORDER BY score DESC
"""
DELETE_EXCESS_HASHES = """
DELETE FROM spoken WHERE digest IN (
    SELECT digest FROM spoken WHERE text IS NULL ORDER BY score DESC LIMIT -1 OFFSET ?
)"""
# The row of an excess text is kept as a hash, so that the text can become frequent again.
DELETE_EXCESS_TEXTS = """
UPDATE spoken SET text = NULL, voice = NULL WHERE digest IN (
    SELECT digest FROM spoken WHERE text IS NOT NULL ORDER BY score DESC LIMIT -1 OFFSET ?
)"""


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
        self._transact(lambda database: _add(database, spoken, today))

    def frequent_phrases(self, today: int) -> list[Phrase]:
        """Return the frequent texts with their rates of the last weeks, the most frequent first."""
        if not self._file.exists():
            return []
        rows = self._transact(
            lambda database: _rows(tuple[str, str | None, float, int], database, FREQUENT_TEXTS, today - MAX_AGE_DAYS)
        )
        return [
            Phrase(text, _requests_per_day(score, first_day, today), voice or None)
            for text, voice, score, first_day in rows or ()
        ]

    def newest_day(self) -> int | None:
        """Return the last day with a use, or None."""
        if not self._file.exists():
            return None
        rows = self._transact(lambda database: _rows(tuple[int | None], database, "SELECT max(last_day) FROM spoken"))
        return rows[0][0] if rows else None

    def clear(self) -> None:
        """Delete all rows, and overwrite them in the file."""
        if self._file.exists():
            self._transact(lambda database: database.execute("DELETE FROM spoken"))
        # The transaction may have renamed a damaged file.
        self._damaged_file.unlink(missing_ok=True)

    @property
    def _damaged_file(self) -> Path:
        return self._file.with_suffix(".damaged")

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """Return the result of `work`, which runs in a transaction. Return None if it fails."""
        import sqlite3  # noqa: PLC0415 not needed at startup

        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            # Only the owner may read the file, and another user may have made a link.
            os.close(os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600))
            require_own_file(self._file, self._file.parent)
            with closing(sqlite3.connect(self._file, timeout=LOCK_TIMEOUT_SECONDS)) as database:
                database.text_factory = _decode
                database.execute("PRAGMA secure_delete = ON")
                database.executescript(SCHEMA)
                with database:
                    return work(database)
        # sqlite3 raises `UnicodeDecodeError`, a `ValueError`, for a message that quotes damaged text.
        except (sqlite3.Error, OSError, ValueError) as error:
            if isinstance(error, OSError) or any(reason in str(error) for reason in REFUSALS):
                self._warn("%s cannot be used (%s); nothing is learned", self._file, error)
                return None
            self._warn("%s is damaged and is renamed (%s); learning starts again", self._file, error)
            with suppress(OSError):
                self._file.replace(self._damaged_file)
        return None

    def _warn(self, message: str, *arguments: object) -> None:
        if not self._has_warned:
            self._log.warning(message, *arguments)
        self._has_warned = True


def _rows(kind: type[T], database: sqlite3.Connection, statement: str, *values: object) -> list[T]:
    """Return the rows of a query as `kind`, a tuple type. Raises `ValueError` for a damaged row of other types."""
    return msgspec.convert(database.execute(statement, values).fetchall(), list[kind])  # type: ignore[valid-type]


def _decode(text: bytes) -> str:
    return text.decode("utf-8", "replace")


def _add(database: sqlite3.Connection, spoken: Iterable[SpokenText], today: int) -> None:
    database.create_function("add_log2", 2, _add_log2, deterministic=True)
    for text, voice, day in spoken:
        digest = hashlib.blake2b(f"{voice}\0{text}".encode(), digest_size=16).digest()
        values = {"digest": digest, "day": day, "weight": day / HALF_LIFE_DAYS, "voice": voice, "text": text}
        database.execute(ADD_USE, values)
        database.execute(STORE_FREQUENT_TEXT, values)
    database.execute("DELETE FROM spoken WHERE last_day < ?", (today - MAX_AGE_DAYS,))
    database.execute(DELETE_EXCESS_TEXTS, (MAX_TEXTS,))
    database.execute(DELETE_EXCESS_HASHES, (MAX_HASHES,))


def _add_log2(first: float, second: float) -> float:
    """Return log2(2 ** first + 2 ** second). The powers themselves are too large for a float."""
    top = max(first, second)
    return top + math.log2(2.0 ** (first - top) + 2.0 ** (second - top))


def _requests_per_day(score: float, first_day: int, today: int) -> float:
    """Return the weight of all uses, divided by the weight of one use on each day since `first_day`."""
    age = max(1, today - first_day + 1)
    days = (1 - math.pow(0.5, age / HALF_LIFE_DAYS)) / (1 - math.pow(0.5, 1 / HALF_LIFE_DAYS))
    # A clock that was set back gives an exponent that would overflow.
    weight = math.pow(2.0, min(60.0, score - today / HALF_LIFE_DAYS))
    return weight / days
