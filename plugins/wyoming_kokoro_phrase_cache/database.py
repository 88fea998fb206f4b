"""A connection to a file of SQLite that several servers share."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from wyoming_kokoro_phrase_cache.schema import PAGE_BYTES, TABLES, VERSION

T = TypeVar("T")
READING_PATIENCE = 0.05
"""Seconds to wait for a file that another server has locked: it is better to speak anew than late."""
OPENING_PATIENCE = 0.5
WRITING_PATIENCE = 3.0
"""A commit to an SD card can take a second."""
JOURNAL_BYTES = 1 << 20
"""The size at which what is in the journal is moved into the file."""

_ALWAYS = ("temp_store = MEMORY", "cache_size = -512", "cell_size_check = ON")
_FOR_WRITING = (
    f"page_size = {PAGE_BYTES}",  # this and the next count for an empty file only
    "auto_vacuum = INCREMENTAL",
    "journal_mode = WAL",
    "synchronous = NORMAL",  # a power cut may cost the last phrases, but not the file
    f"wal_autocheckpoint = {JOURNAL_BYTES // PAGE_BYTES}",
    f"journal_size_limit = {JOURNAL_BYTES}",
)


class Database:
    """Runs statements. Used by one thread; everything raises `sqlite3.Error`.

    What a statement returns is read at once, so that none stays open and holds up the others.
    """

    def __init__(self, path: Path, patience: float) -> None:
        """Connect to a file that exists; `patience` is how many seconds to wait for others."""
        uri = f"{path.absolute().as_uri()}?mode=rw"
        self._connection = sqlite3.connect(uri, uri=True, timeout=patience, isolation_level=None)
        self._connection.text_factory = _lenient

    @classmethod
    def for_reading(cls, path: Path) -> Database:
        """Connect to a file that exists."""
        with ExitStack() as stack:
            database = cls(path, READING_PATIENCE)
            stack.callback(database.close)
            database._set(_ALWAYS)
            stack.pop_all()
        return database

    @classmethod
    def for_writing(cls, path: Path) -> Database:
        """Connect to a file that exists, and make the tables if it is empty."""
        with ExitStack() as stack:
            database = cls(path, OPENING_PATIENCE)
            stack.callback(database.close)
            database._set((*_ALWAYS, *_FOR_WRITING))
            database._make_tables()
            database._set((f"busy_timeout = {WRITING_PATIENCE * 1000:.0f}",))
            stack.pop_all()
        return database

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Return what a query finds."""
        return self._connection.execute(statement, values).fetchall()

    def typed(self, kind: type[T], statement: str, *values: object) -> list[T]:
        """Return what a query finds, each row as `kind`, a type of tuple; a row of other types is damage."""
        try:
            return msgspec.convert(self.rows(statement, *values), list[kind])  # type: ignore[valid-type]
        except msgspec.ValidationError as error:
            raise sqlite3.DatabaseError(f"a row is malformed: {error}") from error

    def row(self, kind: type[T], statement: str, *values: object) -> T | None:
        """Return the first row that a query finds, or None."""
        return next(iter(self.typed(kind, statement, *values)), None)

    def run(self, statement: str, *values: object) -> int:
        """Run a statement; return how many rows it changed itself."""
        return self._connection.execute(statement, values).rowcount

    def insert(self, statement: str, *values: object) -> int:
        """Insert a row; return its id."""
        number = self._connection.execute(statement, values).lastrowid
        assert number is not None
        return number

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write all that is done here, or nothing of it."""
        self.run("BEGIN IMMEDIATE")
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):  # SQLite may have rolled back by itself
                self.run("ROLLBACK")
            raise

    def interrupt(self) -> None:
        """End what is running. From any thread."""
        with suppress(sqlite3.ProgrammingError):  # it was closed just now
            self._connection.interrupt()

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()

    def _set(self, pragmas: tuple[str, ...]) -> None:
        for pragma in pragmas:
            self.rows(f"PRAGMA {pragma}")

    def _version(self) -> int:
        version: int = self.rows("PRAGMA user_version")[0][0]
        return version

    def _make_tables(self) -> None:
        if self._version() == VERSION:
            return
        with self.transaction():
            if self._version() == 0:  # and not made by another server meanwhile
                for statement in _statements(TABLES):
                    self.run(statement)
                self._set((f"user_version = {VERSION}",))


def _statements(script: str) -> Iterator[str]:
    """Yield the statements of a script one by one: `executescript` would commit before it begins."""
    part = ""
    for line in script.splitlines(keepends=True):
        part += line
        if sqlite3.complete_statement(part):
            yield part
            part = ""


def _lenient(text: bytes) -> str:
    return text.decode("utf-8", "replace")
