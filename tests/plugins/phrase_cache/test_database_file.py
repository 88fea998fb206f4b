"""Damage: no damaged row is played, and a damaged file is set aside."""

from __future__ import annotations

import errno
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.helpers.phrase_cache_fixtures import (
    DAY_SECONDS,
    OFTEN,
    SteppingClock,
    all_files,
    cached,
    connection,
    damaged_path,
    database_path,
    is_hit,
    open_cache,
    put,
    text_key,
    until,
    warnings,
)
from wyoming_kokoro import PhraseCache
from wyoming_kokoro_phrase_cache import database
from wyoming_kokoro_phrase_cache.failures import Failure, classify, is_disk_full

ROW_DAMAGES = {
    "flipped bit": "UPDATE recordings SET flac = flip(flac) WHERE id = 1",
    "missing end": "UPDATE recordings SET flac = substr(flac, 1, 5000) WHERE id = 1",
    "wrong type": "UPDATE recordings SET flac = 'words' WHERE id = 1",
    "no recording": "DELETE FROM recordings WHERE id = 1",
    "recording of another": "UPDATE recordings SET flac = (SELECT flac FROM recordings WHERE id = 2) WHERE id = 1",
    "wrong length": "UPDATE phrases SET samples = samples - 1 WHERE id = 1",
    "negative length": "UPDATE phrases SET samples = -1 WHERE id = 1",
    "huge length": "UPDATE phrases SET samples = 9223372036854775807 WHERE id = 1",
    "no length": "UPDATE phrases SET samples = 'many' WHERE id = 1",
    "no checksum": "UPDATE phrases SET checksum = NULL WHERE id = 1",
}


def flip(content: bytes, index: int = 3000) -> bytes:
    """Return `content` with one bit flipped."""
    return content[:index] + bytes([content[index] ^ 1]) + content[index + 1 :]


def damage(folder: Path, statement: str) -> None:
    with connection(folder) as database:
        database.create_function("flip", 1, flip)
        assert database.execute(statement).rowcount == 1


def delete_counters(folder: Path) -> None:
    damage(folder, "DELETE FROM counters")


@pytest.mark.parametrize("statement", ROW_DAMAGES.values(), ids=ROW_DAMAGES)
async def test_damaged_row_is_a_miss_and_deleted(tmp_path: Path, statement: str) -> None:
    async with open_cache(tmp_path) as cache:
        await put(cache, 1, 2)
        damage(tmp_path, statement)
        assert not await is_hit(cache, 1)
        assert await cached(cache, 1, 2) == [2]
        await put(cache, 1)
        assert await is_hit(cache, 1)
        assert await is_hit(cache, 2)
    assert all_files(tmp_path) == [database_path(tmp_path)]


async def test_row_with_the_key_of_another_phrase_is_a_miss(tmp_path: Path) -> None:
    async with open_cache(tmp_path) as cache:
        await put(cache, 1, 2)
        with connection(tmp_path) as database:
            (one,), (other,) = database.execute("SELECT digest FROM phrases ORDER BY id").fetchall()
            for digest, number in ((b"", 2), (other, 1), (one, 2)):
                database.execute("UPDATE phrases SET digest = ? WHERE id = ?", (digest, number))
        assert not await is_hit(cache, 1)
        assert not await is_hit(cache, 2)


@pytest.mark.parametrize("index", [0, 10, 17])
async def test_damaged_phonemes_are_a_miss(tmp_path: Path, index: int) -> None:
    async with open_cache(tmp_path) as cache:
        cache.put_phonemes(text_key(1), "hɛlˈoʊ wˈɜːld")
        await cache.flush()
        with connection(tmp_path) as database:
            (content,) = database.execute("SELECT content FROM phonemes").fetchone()
            database.execute("UPDATE phonemes SET content = ?", (flip(content, index),))
        cache.trim(1 << 30)
        assert await cache.phonemes(text_key(1)) is None


async def test_damaged_phonemes_are_replaced(tmp_path: Path) -> None:
    async with open_cache(tmp_path) as cache:
        cache.put_phonemes(text_key(1), "a")
        await cache.flush()
        damage(tmp_path, "UPDATE phonemes SET content = 7")
        cache.put_phonemes(text_key(1), "b")
        await cache.flush()
        cache.trim(1 << 30)
        assert await cache.phonemes(text_key(1)) == "b"


def replace_with_foreign_database(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("CREATE TABLE phrases (name TEXT)")


def replace_with_link(file: Path) -> None:
    """Another user could otherwise make the server change a database of its user."""
    target = file.rename(file.parents[1] / "elsewhere")
    file.symlink_to(target)


def damage_schema(file: Path) -> None:
    """SQLite quotes the damaged name in its message, which is then not UTF-8."""
    file.write_bytes(file.read_bytes().replace(b"CREATE TABLE counters (hits", b"CREATE TABLE counters (h\xe4ts"))


FILE_DAMAGES: dict[str, Callable[[Path], object]] = {
    "garbage": lambda file: file.write_bytes(b"garbage" * 10_000),
    "zeros": lambda file: file.write_bytes(bytes(70_000)),
    "text": lambda file: file.write_text("a note to myself"),
    "missing end": lambda file: file.write_bytes(file.read_bytes()[:-20_000]),
    "half a page": lambda file: file.write_bytes(file.read_bytes()[:500]),
    "foreign database": replace_with_foreign_database,
    "schema that is not UTF-8": damage_schema,
    "link": replace_with_link,
    "missing counters": lambda file: delete_counters(file.parents[1]),
    "wrong type of counter": lambda file: damage(file.parents[1], "UPDATE counters SET hits = 'many'"),
}


@pytest.mark.parametrize("harm", FILE_DAMAGES.values(), ids=FILE_DAMAGES)
async def test_damaged_file_is_set_aside_with_one_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, harm: Callable[[Path], object]
) -> None:
    async with open_cache(tmp_path) as cache:
        await put(cache, *range(10))
    harm(database_path(tmp_path))
    size = database_path(tmp_path).stat().st_size
    async with open_cache(tmp_path) as cache:
        assert not await is_hit(cache, 1)
        await put(cache, 1, 2)
        assert await is_hit(cache, 1)
    assert damaged_path(tmp_path).stat().st_size >= size
    (line,) = warnings(caplog.records)
    assert line.startswith(f"Phrase cache is damaged and begins empty; old file: {damaged_path(tmp_path).parent} (")
    async with open_cache(tmp_path) as cache:
        assert await cached(cache, 0, 1, 2) == [1, 2]
        assert (await cache.stats()).phrases == 2


async def test_empty_file_gets_tables_without_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A power failure right after the creation leaves such a file."""
    async with open_cache(tmp_path):
        pass
    database_path(tmp_path).write_bytes(b"")
    async with open_cache(tmp_path) as cache:
        await put(cache, 1)
        assert await is_hit(cache, 1)
    assert warnings(caplog.records) == []


async def test_file_that_is_damaged_while_open_is_set_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with open_cache(tmp_path) as cache:
        await put(cache, *range(150))
    async with open_cache(tmp_path) as cache:
        assert await is_hit(cache, 1)
        with database_path(tmp_path).open("r+b") as stream:
            stream.seek(4096)
            stream.write(b"\xff" * 2_900_000)
        for number in range(150):
            await is_hit(cache, number)
        await put(cache, 5)
        assert await is_hit(cache, 5)
        assert (await cache.stats()).phrases == 1
    assert len(warnings(caplog.records)) == 1


async def test_two_servers_replace_a_damaged_file_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The server that closes later must not delete the write-ahead log of the new file."""
    async with open_cache(tmp_path) as one:
        async with open_cache(tmp_path, maintenance=OFTEN) as other:
            await put(other, 1)
            assert await is_hit(other, 1)
            delete_counters(tmp_path)
            await one.stats()
            assert damaged_path(tmp_path).exists()
            await until(lambda: _is_cleared(other))
            await put(other, 2)
            assert await cached(one, 2) == [2]
        await put(one, 3)
        assert await cached(one, 2, 3) == [2, 3]
    async with open_cache(tmp_path) as cache:
        assert await cached(cache, 1, 2, 3) == [2, 3]
    assert len(warnings(caplog.records)) == 1


async def _is_cleared(cache: PhraseCache) -> bool:
    return not await cached(cache, 1)


async def test_damaged_file_is_removed_after_a_week(tmp_path: Path) -> None:
    async with open_cache(tmp_path):
        pass
    database_path(tmp_path).write_bytes(b"garbage" * 1000)
    clock = SteppingClock()
    # The folder gets the time of the real clock.
    clock.now = time.time()
    async with open_cache(tmp_path, clock=clock, maintenance=OFTEN) as cache:
        clock.now += 6 * DAY_SECONDS
        await cache.stats()
        assert damaged_path(tmp_path).exists()
        clock.now += 2 * DAY_SECONDS

        async def is_removed() -> bool:
            return not damaged_path(tmp_path).exists()

        await until(is_removed)


async def test_second_damage_within_ten_minutes_leaves_memory_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A card that damages every file is not written again and again."""
    async with open_cache(tmp_path, clock=SteppingClock(), memory=1_000_000) as cache:
        for _ in range(5):
            await put(cache, 1)
            damage(tmp_path, "UPDATE counters SET hits = 'many'")
            await cache.stats()
            assert await is_hit(cache, 1)
        assert "not writable" in (await cache.stats()).location
    assert len(warnings(caplog.records)) == 2


@settings(max_examples=60)
@given(
    side=some.sampled_from(["", "-wal", "-shm"]), begin=some.floats(0, 1), harm=some.binary(min_size=1, max_size=3000)
)
async def test_overwritten_files_never_play_wrong_audio(side: str, begin: float, harm: bytes) -> None:
    with TemporaryDirectory() as folder:
        live, copy = Path(folder, "live"), Path(folder, "copy")
        async with open_cache(live) as cache:
            await put(cache, *range(5))
            # An open database is copied as a power failure leaves it, with its write-ahead log.
            shutil.copytree(live, copy)
        file = database_path(copy)
        overwrite(file.with_name(file.name + side), begin, harm)
        async with open_cache(copy) as cache:
            for number in range(5):
                await is_hit(cache, number)
                await cache.flush()
            await cache.phrases()
            await cache.stats()
            await put(cache, 5)
            await is_hit(cache, 5)


def overwrite(file: Path, begin: float, harm: bytes) -> None:
    with file.open("r+b") as stream:
        stream.seek(int(begin * file.stat().st_size))
        stream.write(harm)


async def test_file_that_another_server_clears_while_it_is_opened_is_opened_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real_connect = database._connect

    def connect(path: Path) -> sqlite3.Connection:
        connection = real_connect(path)
        monkeypatch.setattr(database, "_connect", real_connect)
        shutil.move(path.parent, tmp_path / "cleared")
        return connection

    monkeypatch.setattr(database, "_connect", connect)
    async with open_cache(tmp_path) as cache:
        await put(cache, 1)
        assert await cached(cache, 1) == [1]
    assert warnings(caplog.records) == []


def test_errors_are_classified_by_type_and_message() -> None:
    """Python 3.10 has no error codes."""
    expected = {
        sqlite3.OperationalError("database is locked"): Failure.BUSY,
        sqlite3.OperationalError("locking protocol"): Failure.BUSY,
        sqlite3.OperationalError("no such table: counters"): Failure.DAMAGED,
        sqlite3.OperationalError("table phrases has no column named worth"): Failure.DAMAGED,
        sqlite3.DatabaseError("file is not a database"): Failure.DAMAGED,
        sqlite3.DatabaseError("database disk image is malformed"): Failure.DAMAGED,
        sqlite3.OperationalError("database or disk is full"): Failure.REFUSED,
        sqlite3.OperationalError("attempt to write a readonly database"): Failure.REFUSED,
        sqlite3.OperationalError("disk I/O error"): Failure.REFUSED,
        sqlite3.OperationalError("unable to open database file"): Failure.REFUSED,
        PermissionError("Permission denied"): Failure.REFUSED,
        sqlite3.ProgrammingError("Cannot operate on a closed database."): Failure.REFUSED,
    }
    assert {error: classify(error) for error in expected} == expected


@pytest.mark.parametrize(
    ("error", "is_full"),
    [
        (sqlite3.OperationalError("database or disk is full"), True),
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (sqlite3.OperationalError("attempt to write a readonly database"), False),
        (PermissionError(errno.EACCES, "Permission denied"), False),
    ],
)
def test_more_space_is_advised_only_if_it_helps(error: Exception, is_full: bool) -> None:
    assert is_disk_full(error) is is_full
