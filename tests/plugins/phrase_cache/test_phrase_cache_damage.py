"""What is damaged is never played: rows, whole files, and what other programs put in their place."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.helpers.phrase_cache_fixtures import (
    DAY,
    OFTEN,
    Clock,
    files,
    has,
    inside,
    is_heard,
    put,
    shelf,
    text,
    until,
    warnings,
)
from wyoming_kokoro import PhraseCache
from wyoming_kokoro_phrase_cache.failures import Trouble, trouble
from wyoming_kokoro_phrase_cache.folder import SIDES

ROW_DAMAGES = {
    "a flipped bit": "UPDATE sounds SET content = flipped(content) WHERE id = 1",
    "an end that is missing": "UPDATE sounds SET content = substr(content, 1, 5000) WHERE id = 1",
    "another type": "UPDATE sounds SET content = 'words' WHERE id = 1",
    "no sound": "DELETE FROM sounds WHERE id = 1",
    "another's sound": "UPDATE sounds SET content = (SELECT content FROM sounds WHERE id = 2) WHERE id = 1",
    "another length": "UPDATE phrases SET samples = samples - 1 WHERE id = 1",
    "no length": "UPDATE phrases SET samples = 'many' WHERE id = 1",
    "no seal": "UPDATE phrases SET seal = NULL WHERE id = 1",
}


def flipped(content: bytes, place: int = 3000) -> bytes:
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def damage(folder: Path, statement: str) -> None:
    with inside(folder) as database:
        database.create_function("flipped", 1, flipped)
        assert database.execute(statement).rowcount == 1


@pytest.mark.parametrize("statement", ROW_DAMAGES.values(), ids=ROW_DAMAGES)
async def test_a_damaged_row_is_a_miss_and_removed(tmp_path: Path, statement: str) -> None:
    async with shelf(tmp_path) as cache:
        await put(cache, 1, 2)
        damage(tmp_path, statement)
        assert not await is_heard(cache, 1)
        await cache.flush()
        assert await has(cache, 1, 2) == [2]
        await put(cache, 1)
        assert await is_heard(cache, 1)
        assert await is_heard(cache, 2)
    assert len(files(tmp_path)) == 1


async def test_a_row_under_anothers_key_is_a_miss(tmp_path: Path) -> None:
    async with shelf(tmp_path) as cache:
        await put(cache, 1, 2)
        with inside(tmp_path) as database:
            (one,), (other,) = database.execute("SELECT digest FROM phrases ORDER BY id").fetchall()
            for digest, number in ((b"", 2), (other, 1), (one, 2)):
                database.execute("UPDATE phrases SET digest = ? WHERE id = ?", (digest, number))
        assert not await is_heard(cache, 1)
        assert not await is_heard(cache, 2)


@pytest.mark.parametrize("place", [0, 10, 17])
async def test_damaged_phonemes_are_not_spoken(tmp_path: Path, place: int) -> None:
    async with shelf(tmp_path) as cache:
        cache.put_phonemes(text(1), "hɛlˈoʊ wˈɜːld")
        await cache.flush()
        with inside(tmp_path) as database:
            (content,) = database.execute("SELECT content FROM phonemes").fetchone()
            database.execute("UPDATE phonemes SET content = ?", (flipped(content, place),))
        cache.trim(1 << 30)
        assert await cache.phonemes(text(1)) is None


async def test_damaged_phonemes_are_replaced(tmp_path: Path) -> None:
    async with shelf(tmp_path) as cache:
        cache.put_phonemes(text(1), "a")
        await cache.flush()
        damage(tmp_path, "UPDATE phonemes SET content = 7")
        cache.put_phonemes(text(1), "b")
        await cache.flush()
        cache.trim(1 << 30)
        assert await cache.phonemes(text(1)) == "b"


def of_other_making(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("CREATE TABLE phrases (name TEXT)")


def with_damaged_totals(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE totals SET phrases = 'many'")


FILE_DAMAGES: dict[str, Callable[[Path], object]] = {
    "garbage": lambda file: file.write_bytes(b"garbage" * 10_000),
    "zeros": lambda file: file.write_bytes(bytes(70_000)),
    "text": lambda file: file.write_text("a note to myself"),
    "its end is missing": lambda file: file.write_bytes(file.read_bytes()[:-20_000]),
    "a half page is left": lambda file: file.write_bytes(file.read_bytes()[:500]),
    "of other making": of_other_making,
    "with damaged totals": with_damaged_totals,
}


@pytest.mark.parametrize("harm", FILE_DAMAGES.values(), ids=FILE_DAMAGES)
async def test_a_damaged_file_is_set_aside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, harm: Callable[[Path], object]
) -> None:
    """With one line in the log; who wants to look at what is damaged finds it."""
    async with shelf(tmp_path) as cache:
        await put(cache, *range(10))
    (damaged,) = files(tmp_path)
    harm(damaged)
    size = damaged.stat().st_size
    async with shelf(tmp_path) as cache:
        assert not await is_heard(cache, 1)
        await cache.flush()
        await put(cache, 1, 2)
        assert await is_heard(cache, 1)
    assert [file.name for file in files(tmp_path)] == ["phrases-v2-001.sqlite", "phrases-v2-002.sqlite"]
    assert damaged.stat().st_size >= size
    (line,) = warnings(caplog.records)
    assert line.startswith(f"{damaged} is damaged (")
    async with shelf(tmp_path) as cache:
        assert await has(cache, 0, 1, 2) == [1, 2]
        assert (await cache.stats()).phrases == 2


async def test_an_empty_file_is_begun_without_ado(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Such as one that was begun when the power failed."""
    async with shelf(tmp_path):
        pass
    files(tmp_path)[0].write_bytes(b"")
    async with shelf(tmp_path) as cache:
        await put(cache, 1)
        assert await is_heard(cache, 1)
    assert len(files(tmp_path)) == 1
    assert warnings(caplog.records) == []


async def test_damage_that_comes_while_the_file_is_used(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with shelf(tmp_path) as cache:
        await put(cache, *range(100))
    async with shelf(tmp_path) as cache:
        assert await is_heard(cache, 1)
        with files(tmp_path)[0].open("r+b") as stream:
            stream.seek(4096)
            stream.write(b"\xff" * 1_900_000)
        for number in range(100):
            await is_heard(cache, number)
            await cache.flush()
        await put(cache, 5)
        assert await is_heard(cache, 5)
        assert (await cache.stats()).phrases == 1
    assert len(warnings(caplog.records)) == 1


async def test_what_one_server_finds_damaged_the_other_leaves(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Both go on with the same new file, and the one that was slower loses nothing of it at its end."""
    async with shelf(tmp_path) as one:
        async with shelf(tmp_path, pace=OFTEN) as other:
            await put(other, 1)
            assert await is_heard(other, 1)
            damage(tmp_path, "UPDATE totals SET phrases = 'many'")
            await one.stats()
            await one.flush()
            assert len(files(tmp_path)) == 2
            await until(lambda: _is_empty(other))
            await put(other, 2)
            assert await has(one, 2) == [2]
        await put(one, 3)
        assert await has(one, 2, 3) == [2, 3]
    assert len(warnings(caplog.records)) == 1


async def _is_empty(cache: PhraseCache) -> bool:
    return not await has(cache, 1)


async def test_what_was_set_aside_is_removed_after_a_week(tmp_path: Path) -> None:
    async with shelf(tmp_path):
        pass
    for _ in range(2):
        files(tmp_path)[-1].write_bytes(b"garbage" * 1000)
        async with shelf(tmp_path):
            pass
    assert len(files(tmp_path)) == 3
    clock = Clock()
    clock.now = files(tmp_path)[1].stat().st_mtime + 6 * DAY
    async with shelf(tmp_path, clock=clock, pace=OFTEN):
        clock.now += 60
        await until(lambda: _are(tmp_path, 2))  # of two the last is kept
        clock.now += 2 * DAY
        await until(lambda: _are(tmp_path, 1))


async def _are(folder: Path, count: int) -> bool:
    return len(files(folder)) == count


async def test_it_does_not_begin_anew_again_and_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A card that damages everything at once is left in peace for ten minutes."""
    clock = Clock()
    async with shelf(tmp_path, clock=clock, memory=1_000_000) as cache:
        for _ in range(5):
            await put(cache, 1)
            damage(tmp_path, "UPDATE totals SET phrases = 'many'")
            await cache.stats()
            await cache.flush()
            assert await is_heard(cache, 1)
        assert len(files(tmp_path)) == 2
        assert "nothing can be added" in (await cache.stats()).where
    assert len(warnings(caplog.records)) == 2


@settings(max_examples=60)
@given(side=some.sampled_from(SIDES), begin=some.floats(0, 1), harm=some.binary(min_size=1, max_size=3000))
async def test_whatever_is_written_over_the_files_nothing_wrong_is_heard(side: str, begin: float, harm: bytes) -> None:
    """They are as a power cut leaves them. What is found is what was put, and nothing raises."""
    with TemporaryDirectory() as folder:
        live, left = Path(folder, "live"), Path(folder, "left")
        async with shelf(live) as cache:
            await put(cache, *range(5))
            shutil.copytree(live, left)
        write_over(left / (files(left)[0].name + side), begin, harm)
        async with shelf(left) as cache:
            for number in range(5):
                await is_heard(cache, number)
                await cache.flush()
            await cache.phrases()
            await cache.stats()
            await put(cache, 5)
            await is_heard(cache, 5)


def write_over(file: Path, begin: float, harm: bytes) -> None:
    with file.open("r+b") as stream:
        stream.seek(int(begin * file.stat().st_size))
        stream.write(harm)


def test_sqlites_words_are_understood() -> None:
    """On any Python: before 3.11 there are only the words."""
    said = {
        sqlite3.OperationalError("database is locked"): Trouble.BUSY,
        sqlite3.OperationalError("locking protocol"): Trouble.BUSY,
        sqlite3.OperationalError("interrupted"): Trouble.BUSY,
        sqlite3.OperationalError("no such table: totals"): Trouble.DAMAGE,
        sqlite3.OperationalError("table phrases has no column named worth"): Trouble.DAMAGE,
        sqlite3.DatabaseError("file is not a database"): Trouble.DAMAGE,
        sqlite3.DatabaseError("database disk image is malformed"): Trouble.DAMAGE,
        sqlite3.OperationalError("database or disk is full"): Trouble.REFUSAL,
        sqlite3.OperationalError("attempt to write a readonly database"): Trouble.REFUSAL,
        sqlite3.OperationalError("disk I/O error"): Trouble.REFUSAL,
        sqlite3.OperationalError("unable to open database file"): Trouble.REFUSAL,
        PermissionError("Permission denied"): Trouble.REFUSAL,
        sqlite3.ProgrammingError("Cannot operate on a closed database."): Trouble.REFUSAL,
    }
    assert {error: trouble(error) for error in said} == said
