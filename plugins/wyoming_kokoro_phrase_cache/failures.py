"""Classifies the errors of SQLite and of the file system."""

from __future__ import annotations

import sqlite3
from enum import Enum, auto
from errno import EDQUOT, ENOSPC

# sqlite3 raises `UnicodeDecodeError` for a message that quotes damaged text.
DISK_ERRORS = (sqlite3.Error, OSError, UnicodeDecodeError)


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
        # Python 3.10 has no `sqlite_errorcode`, so the message must do.
        if "lock" in str(error):
            return Failure.BUSY
        # A table or column is missing or exists already: this is another program's database.
        return Failure.DAMAGED if str(error).startswith(("no such", "table ")) else Failure.REFUSED
    # The message is "malformed" or "not a database", or an index contradicts its table.
    is_damaged = type(error) in {sqlite3.DatabaseError, sqlite3.IntegrityError, sqlite3.DataError, UnicodeDecodeError}
    return Failure.DAMAGED if is_damaged else Failure.REFUSED


def describe(error: BaseException) -> str:
    """Return the message of an error for the operator."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def is_disk_full(error: BaseException) -> bool:
    """Return whether more space on the disk would prevent an error."""
    # SQLite says "database or disk is full".
    return "is full" in str(error) or (isinstance(error, OSError) and error.errno in (ENOSPC, EDQUOT))
