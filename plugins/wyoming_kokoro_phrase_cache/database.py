"""A connection to a SQLite file that several servers share."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")
VERSION = 2
"""Part of the folder's name, so that versions of wyoming-kokoro with other tables use another file."""
BUSY_TIMEOUT_SECONDS = 0.5
"""Longer than a commit takes on an SD card, and short enough for a lookup that waits for it."""
PAGE_BYTES = 4096
WAL_BYTES = 1_000_000
"""The size that the write-ahead log keeps after it was copied into the file."""
MAX_WAL_PAGES = 1024
"""At this size, 4 MB, a commit copies the log, which takes 60 ms and more on a virtual disk. Lookups wait for it, so
`copy_log` copies the log before.
"""

_PRAGMAS = (
    f"page_size = {PAGE_BYTES}",
    # This lets the file shrink. It applies to an empty file only, like the page size.
    "auto_vacuum = INCREMENTAL",
    "journal_mode = WAL",
    # A power failure may lose the last phrases, but does not damage the file.
    "synchronous = NORMAL",
    f"wal_autocheckpoint = {MAX_WAL_PAGES}",
    f"journal_size_limit = {WAL_BYTES}",
    "foreign_keys = ON",
    "temp_store = MEMORY",
    "cell_size_check = ON",
)
_STATEMENTS = (
    """CREATE TABLE phrases (
        id INTEGER PRIMARY KEY,
        digest BLOB UNIQUE NOT NULL,
        voice TEXT,
        speed REAL,
        samples INTEGER,
        size INTEGER,
        cost REAL,
        uses INTEGER,
        worth REAL,
        used_at REAL,
        checksum BLOB
    )""",
    "CREATE INDEX phrases_by_worth ON phrases (worth)",
    "CREATE INDEX phrases_by_use ON phrases (used_at)",
    # The sound has its own table, so that counting a use does not rewrite it.
    "CREATE TABLE recordings (id INTEGER PRIMARY KEY REFERENCES phrases ON DELETE CASCADE, flac BLOB)",
    """CREATE TABLE phonemes (
        id INTEGER PRIMARY KEY,
        digest BLOB UNIQUE NOT NULL,
        used_at REAL,
        content BLOB,
        checksum BLOB
    )""",
    "CREATE INDEX phonemes_by_use ON phonemes (used_at)",
    "CREATE TABLE counters (hits INTEGER, misses INTEGER, evicted_worth REAL)",
    "INSERT INTO counters VALUES (0, 0, 0.0)",
    f"PRAGMA user_version = {VERSION}",
)


class Database:
    """Runs statements on one thread. All methods raise `sqlite3.Error`."""

    def __init__(self, path: Path) -> None:
        """Connect to a file that exists, and create the tables if it is empty."""
        self._connection = _connect(path)
        self._connection.text_factory = _decode
        try:
            for pragma in _PRAGMAS:
                self.run(f"PRAGMA {pragma}")
            self._create_tables()
        except BaseException:
            self.close()
            raise

    def rows(self, kind: type[T], statement: str, *values: object) -> list[T]:
        """Return the rows of a query as `kind`, a tuple type. A row of other types counts as damage."""
        try:
            rows: list[T] = msgspec.convert(self.run(statement, *values).fetchall(), list[kind])  # type: ignore[valid-type]
        except msgspec.ValidationError as error:
            raise sqlite3.DatabaseError(f"a row is malformed: {error}") from error
        return rows

    def row(self, kind: type[T], statement: str, *values: object) -> T | None:
        """Return the first row of a query as `kind`, or None."""
        return next(iter(self.rows(kind, statement, *values)), None)

    def run(self, statement: str, *values: Any) -> sqlite3.Cursor:
        """Run one statement."""
        return self._connection.execute(statement, values)

    def pragma(self, name: str) -> int:
        """Return an integer that SQLite reports."""
        value: int = self.run(f"PRAGMA {name}").fetchone()[0]
        return value

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit everything inside, or nothing."""
        self.run("BEGIN IMMEDIATE")
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            # SQLite rolls back on its own after some errors.
            with suppress(sqlite3.Error):
                self.run("ROLLBACK")
            raise

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _create_tables(self) -> None:
        if self.pragma("user_version") == VERSION:
            return
        with self.transaction():
            # Another server may have created them since the check above.
            if self.pragma("user_version") != VERSION:
                for statement in _STATEMENTS:
                    self.run(statement)


def copy_log(path: Path) -> None:
    """Copy the write-ahead log into the file, beside a `Database` on another thread. Raises `sqlite3.Error`."""
    with closing(_connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")


def _connect(path: Path) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode=rw"
    return sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None)


def _decode(text: bytes) -> str:
    return text.decode("utf-8", "replace")
