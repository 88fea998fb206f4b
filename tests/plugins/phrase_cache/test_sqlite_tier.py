"""A disk that is full, read-only, locked or slow, and servers that are killed."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from tests.helpers.phrase_cache_fixtures import (
    OFTEN,
    SteppingClock,
    all_files,
    cached,
    database_path,
    is_hit,
    noise,
    open_cache,
    phrase_key,
    put,
    text_key,
    until,
    warnings,
)
from wyoming_kokoro import PhraseCache, encode_flac
from wyoming_kokoro_phrase_cache import database, sqlite_tier, store
from wyoming_kokoro_phrase_cache.sqlite_tier import MAX_QUEUED_BYTES

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("folder", ["file", "file/phrases", "/proc/phrases", "/dev/null/phrases"])
async def test_unusable_folder_leaves_memory_only_with_one_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, folder: str
) -> None:
    (tmp_path / "file").touch()
    clock = SteppingClock()
    async with open_cache(tmp_path / folder, memory=1_000_000, clock=clock, maintenance=OFTEN) as cache:
        for number in range(3):
            await put(cache, number)
            assert await is_hit(cache, number)
            # The cache tries the disk again after ten minutes.
            clock.now += 700
            await asyncio.sleep(0.05)
        assert not await is_hit(cache, 3)
        cache.put_phonemes(text_key(1), "a")
        assert await cache.phonemes(text_key(1)) == "a"
        stats = await cache.stats()
        assert (stats.phrases, stats.hits, stats.misses) == (3, 3, 1)
        assert stats.location.startswith("in memory only, because ")
        assert not await cache.phrases()
        assert await cache.clear() == 3
    (line,) = warnings(caplog.records)
    assert str(tmp_path / folder) in line
    assert "check that directory and its permissions" in line


async def test_repaired_folder_is_used_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    clock = SteppingClock()
    (tmp_path / "phrases").touch()
    async with open_cache(tmp_path / "phrases", clock=clock) as cache:
        await put(cache, 1)
        assert not await cached(cache, 1)
        (tmp_path / "phrases").unlink()
        await put(cache, 2)
        assert not await cached(cache, 2), "the cache waits ten minutes"
        clock.now += 700
        await put(cache, 3)
        assert await cached(cache, 3)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "writable again" in caplog.text


FULL_DISK = """
import asyncio, json, logging, resource, sys
from pathlib import Path
from tests.helpers.phrase_cache_fixtures import *

class Levels(logging.Handler):
    seen = []
    def emit(self, record):
        self.seen.append(record.levelname)

def limit_file_size(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

async def main():
    LOG.setLevel(logging.INFO)
    LOG.addHandler(Levels())
    clock = SteppingClock()
    async with open_cache(Path(sys.argv[1]), memory=30_000, clock=clock) as cache:
        await put(cache, *range(10))
        limit_file_size(700_000)  # a write beyond it fails as on a full disk
        await put(cache, *range(10, 100))
        assert await is_hit(cache, 99)  # from memory
        early = [await is_hit(cache, number) for number in range(10)]
        stored = await cached(cache, *range(99))
        await put(cache, 100)
        full = (await cache.stats()).location
        limit_file_size(resource.RLIM_INFINITY)
        clock.now += 700
        await put(cache, *range(200, 250))
        late = await cached(cache, *range(200, 250))
        where = (await cache.stats()).location
        print(json.dumps([early, len(stored), full, len(late), where, Levels.seen]))

asyncio.run(main())
"""


def run_program(program: str, folder: Path) -> str:
    command = [sys.executable, "-c", program, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout


def test_full_disk_is_read_and_written_again_when_there_is_room(tmp_path: Path) -> None:
    early, stored, full, late, where, levels = json.loads(run_program(FULL_DISK, tmp_path))
    assert early == [True] * 10
    assert 10 <= stored < 60
    assert full.startswith(f"in {tmp_path}, which is not writable (")
    assert late == 50
    assert where == f"in {tmp_path}"
    assert levels == ["WARNING", "INFO"]


def test_full_disk_can_be_cleared(tmp_path: Path) -> None:
    filling = "await put(cache, *range(10, 100))"
    clearing = "print(await cache.clear() >= 10, len(await cache.phrases())); return"
    assert run_program(FULL_DISK.replace(filling, f"{filling}; {clearing}"), tmp_path) == "True 0\n"


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux lists open files")
async def test_clear_frees_the_room_on_the_disk(tmp_path: Path) -> None:
    """A removed file takes room until it is closed."""
    async with open_cache(tmp_path) as cache:
        await put(cache, 1)
        assert await is_hit(cache, 1)
        assert await cache.clear() == 1
        assert [link for link in open_files() if str(tmp_path) in link and "deleted" in link] == []
        assert [link for link in open_files() if str(tmp_path) in link] != []


def open_files() -> list[str]:
    links = []
    for file in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            links.append(str(file.readlink()))
    return links


LOCKING = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute(f"PRAGMA locking_mode = {sys.argv[2]}")
database.execute("BEGIN IMMEDIATE")
database.execute("UPDATE counters SET hits = hits")
print("locked", flush=True)
sys.stdin.read()
"""


@contextmanager
def locked(folder: Path, mode: str) -> Iterator[None]:
    """Lock the file from another process: `EXCLUSIVE` excludes readers too, `NORMAL` only writers."""
    command = [sys.executable, "-c", LOCKING, str(database_path(folder)), mode]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdout
        assert program.stdout.readline() == b"locked\n"
        yield
        program.communicate()


async def test_locked_file_is_a_miss_until_it_is_released(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_SECONDS", 0.1)
    async with open_cache(tmp_path) as cache:
        await put(cache, 1)
    async with AsyncExitStack() as stack:
        with locked(tmp_path, "EXCLUSIVE"):
            cache = await stack.enter_async_context(open_cache(tmp_path, memory=40_000, maintenance=OFTEN))
            assert not await is_hit(cache, 1)
            await put(cache, 2)
            assert await is_hit(cache, 2)
            assert "locked" in (await cache.stats()).location
        await until(lambda: is_hit(cache, 1))
        assert (await cache.stats()).location == f"in {tmp_path}"
    assert warnings(caplog.records) == []


async def test_phrases_are_read_while_another_server_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_SECONDS", 0.1)
    async with open_cache(tmp_path) as cache:
        await put(cache, 0)
        with locked(tmp_path, "NORMAL"):
            for number in range(1, 300):
                cache.put(phrase_key(number), noise(number), 0.5)
            assert await asyncio.wait_for(is_hit(cache, 0), 60)
        await until(lambda: _can_put(cache, 300))


async def _can_put(cache: PhraseCache, number: int) -> bool:
    await put(cache, number)
    return await cached(cache, number) == [number]


async def test_hit_on_the_disk_takes_milliseconds(tmp_path: Path) -> None:
    async with open_cache(tmp_path) as cache:
        await put(cache, *range(50))
        seconds = []
        for number in range(50):
            began = time.perf_counter()
            assert await cache.get(phrase_key(number))
            seconds.append(time.perf_counter() - began)
    # The fastest of fifty is compared, because other processes may slow the rest down.
    assert min(seconds) < 0.02


async def test_maintenance_copies_the_log_into_the_file_and_commits_do_not(tmp_path: Path) -> None:
    """A commit that copies the log waits for the disk, and the lookups after it wait, too."""

    def file_size() -> int:
        return database_path(tmp_path).stat().st_size

    async with open_cache(tmp_path) as cache:
        await put(cache, *range(50))
        assert file_size() < 200_000
    stored = file_size()
    assert stored > 800_000
    async with open_cache(tmp_path, maintenance=OFTEN) as cache:
        await put(cache, *range(50, 80))

        async def is_copied() -> bool:
            return file_size() > 1.3 * stored

        await until(is_copied)


async def test_queue_of_a_slow_disk_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    is_ready = threading.Event()
    monkeypatch.setattr(store, "encode_flac", lambda pcm: is_ready.wait(20) and encode_flac(pcm))
    async with open_cache(tmp_path, size=100_000_000) as cache:
        for number in range(100):
            cache.put(phrase_key(number), noise(number, 100_000), 0.5)
        is_ready.set()
        await cache.flush()
        assert await cached(cache, *range(100)) == [*range(MAX_QUEUED_BYTES // 200_000 + 1)]


async def test_failed_write_does_not_stop_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_cache(tmp_path) as cache:
        with monkeypatch.context() as patch:
            patch.setattr(store, "encode_flac", lambda pcm: 1 / 0)
            await put(cache, 1)
        await put(cache, 2)
        assert await cached(cache, 1, 2) == [2]
    assert "ZeroDivisionError" in caplog.text


async def test_close_returns_although_the_disk_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    is_ready = threading.Event()
    monkeypatch.setattr(store, "encode_flac", lambda pcm: is_ready.wait(20) and b"")
    monkeypatch.setattr(sqlite_tier, "CLOSE_TIMEOUT_SECONDS", 0.05)
    async with open_cache(tmp_path) as cache:
        cache.put(phrase_key(1), noise(1), 0.5)
    assert not is_ready.is_set()
    is_ready.set()
    (line,) = warnings(caplog.records)
    assert line.startswith("Phrase cache did not close")
    assert not await is_hit(cache, 1)
    cache.put(phrase_key(1), noise(1), 0.5)
    await cache.flush()


def test_killed_server_loses_at_most_the_phrase_that_it_writes(tmp_path: Path) -> None:
    """This is a short run of the tool. Before a release it runs with 200 kills."""
    tool = [sys.executable, "-m", "tools.faults.phrase_cache_crash", "--kills", "10", "--folder", str(tmp_path)]
    ran = subprocess.run(tool, cwd=ROOT, capture_output=True, text=True, check=False, timeout=250)
    report = json.loads(ran.stdout)
    assert (ran.returncode, report["wrong"], report["lost"], report["errors"]) == (0, [], [], [])
    assert (report["kills"], report["opened"], report["set_aside"]) == (10, 10, 0)
    assert report["verified"] > 10
    assert len([file for file in all_files(tmp_path) if file.suffix == ".sqlite"]) == 2
