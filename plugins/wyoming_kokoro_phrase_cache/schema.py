"""The tables of the database."""

from __future__ import annotations

VERSION = 2
"""Part of the folder's name, so that versions of wyoming-kokoro with other tables use another file."""

STATEMENTS = (
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
