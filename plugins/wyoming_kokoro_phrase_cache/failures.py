"""What can go wrong with a file of SQLite, and what kind of trouble it is."""

from __future__ import annotations

import sqlite3
from enum import Enum, auto

FAILURES = (sqlite3.Error, OSError)
"""What the disk does wrong is one of these."""


class DamagedRow(Exception):
    """A row is not what was written."""


class Trouble(Enum):
    """What is to be done about a failure."""

    BUSY = auto()
    """Another server holds the file for a moment: go on without, this time."""
    DAMAGE = auto()
    """The file is no longer a database of ours: leave it and begin another."""
    REFUSAL = auto()
    """The disk is full, read-only or out of order: try again when somebody may have mended it."""


def trouble(error: BaseException) -> Trouble:
    """Return the kind of a failure. Python 3.10 tells SQLite's code only by the class and the words."""
    if isinstance(error, sqlite3.OperationalError):
        return _operational(str(error))
    if type(error) in {sqlite3.DatabaseError, sqlite3.IntegrityError}:
        return Trouble.DAMAGE  # "malformed", "not a database"; or an index that contradicts its table
    return Trouble.REFUSAL


def reason(error: BaseException) -> str:
    """Return what went wrong, in words for the owner of the machine."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _operational(words: str) -> Trouble:
    if "lock" in words or "interrupted" in words:
        return Trouble.BUSY
    if words.startswith(("no such", "table ")):
        return Trouble.DAMAGE  # a database, but not ours
    return Trouble.REFUSAL
