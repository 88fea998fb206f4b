"""Classifies the errors of SQLite and of the file system."""

from __future__ import annotations

import sqlite3
from enum import Enum, auto

DISK_ERRORS = (sqlite3.Error, OSError)


class DamagedEntry(Exception):
    """A row fails its checksum or cannot be decoded."""


class Failure(Enum):
    """The kind of an error. It decides how the cache reacts."""

    BUSY = auto()
    """Another process locks the file. Try again soon."""
    DAMAGED = auto()
    """The file is not a valid database of this plugin. Set it aside and begin a new one."""
    REFUSED = auto()
    """The disk is full, read-only or broken. Try again in some minutes."""


def classify(error: BaseException) -> Failure:
    """Return the kind of an error of the disk."""
    if isinstance(error, sqlite3.OperationalError):
        return _classify_message(str(error))
    # The message is "malformed" or "not a database", or an index contradicts its table.
    if type(error) in {sqlite3.DatabaseError, sqlite3.IntegrityError}:
        return Failure.DAMAGED
    return Failure.REFUSED


def describe(error: BaseException) -> str:
    """Return the message of an error for the operator."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _classify_message(message: str) -> Failure:
    # Python 3.10 has no `sqlite_errorcode`, so the message must do.
    if "lock" in message:
        return Failure.BUSY
    # A table or column is missing or exists already: this is another program's database.
    if message.startswith(("no such", "table ")):
        return Failure.DAMAGED
    return Failure.REFUSED
