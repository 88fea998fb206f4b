"""The tables of the cache, and the triggers that count what is in them."""

from __future__ import annotations

VERSION = 2
"""Part of the file's name, so that another version of wyoming-kokoro never meets tables that it does not know."""
PAGE_BYTES = 1024
"""Small, since a recording fills its last page by half on average."""
ROW_BYTES = 320
"""What a row and its entries in the indices take, about."""

TABLES = """
CREATE TABLE generations (
    id INTEGER PRIMARY KEY,
    kind TEXT,         -- of what: phrases or phonemes
    fingerprint BLOB,  -- its digest
    used_at REAL,
    UNIQUE (kind, fingerprint)
);
CREATE TABLE phrases (
    id INTEGER PRIMARY KEY,
    digest BLOB UNIQUE,
    generation INTEGER,
    voice TEXT,
    speed REAL,
    samples INTEGER,
    size INTEGER,
    cost REAL,
    uses INTEGER,
    worth REAL,
    used_at REAL,
    seal BLOB          -- of digest, samples and content together
);
CREATE INDEX phrases_by_worth ON phrases (worth);
CREATE INDEX phrases_by_use ON phrases (used_at);
CREATE INDEX phrases_by_generation ON phrases (generation);
CREATE TABLE sounds (id INTEGER PRIMARY KEY, content BLOB);  -- apart, so that noting a use does not write the sound
CREATE TABLE phonemes (
    id INTEGER PRIMARY KEY,
    digest BLOB UNIQUE,
    generation INTEGER,
    size INTEGER,
    used_at REAL,
    seal BLOB,
    content BLOB
);
CREATE INDEX phonemes_by_use ON phonemes (used_at);
CREATE INDEX phonemes_by_generation ON phonemes (generation);
CREATE TABLE totals (
    phrases INTEGER,
    samples INTEGER,
    phrase_bytes INTEGER,
    phoneme_bytes INTEGER,
    hits INTEGER,
    misses INTEGER,
    floor REAL         -- the worth of what was evicted last: what is used now is worth more than that
);
INSERT INTO totals VALUES (0, 0, 0, 0, 0, 0, 0.0);
CREATE TRIGGER phrase_kept AFTER INSERT ON phrases BEGIN
    UPDATE totals SET
        phrases = phrases + 1, samples = samples + new.samples, phrase_bytes = phrase_bytes + new.size;
END;
CREATE TRIGGER phrase_dropped AFTER DELETE ON phrases BEGIN
    DELETE FROM sounds WHERE id = old.id;
    UPDATE totals SET
        phrases = phrases - 1, samples = samples - old.samples, phrase_bytes = phrase_bytes - old.size;
END;
CREATE TRIGGER phonemes_kept AFTER INSERT ON phonemes BEGIN
    UPDATE totals SET phoneme_bytes = phoneme_bytes + new.size;
END;
CREATE TRIGGER phonemes_dropped AFTER DELETE ON phonemes BEGIN
    UPDATE totals SET phoneme_bytes = phoneme_bytes - old.size;
END;
"""


def footprint(content: bytes) -> int:
    """Return what a row with `content` takes on the disk."""
    pages = -(-len(content) // (PAGE_BYTES - 4))
    return pages * PAGE_BYTES + ROW_BYTES
