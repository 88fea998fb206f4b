"""A disk that is full, read-only, locked or slow, and servers that are killed: speech goes on, and nothing breaks."""

from __future__ import annotations

import asyncio
import json
import logging
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest

from tests.plugins.phrase_shelves import (
    LOG,
    OFTEN,
    Clock,
    contents,
    files,
    has,
    is_heard,
    key,
    put,
    shelf,
    sound,
    text,
    until,
    warnings,
)
from wyoming_kokoro import PhraseCache
from wyoming_kokoro_phrase_cache.worker import ROOM, Worker

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("folder", ["file", "file/phrases", "/proc/phrases", "/dev/null/phrases"])
async def test_a_folder_that_cannot_be_made_leaves_memory(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, folder: str
) -> None:
    """Which is said once, with what to do."""
    (tmp_path / "file").touch()
    clock = Clock()
    async with shelf(tmp_path / folder, memory=1_000_000, clock=clock, pace=OFTEN) as cache:
        for number in range(3):
            await put(cache, number)
            assert await is_heard(cache, number)
            clock.now += 700
            await asyncio.sleep(0.05)  # in which it is tried again
        assert not await is_heard(cache, 3)
        cache.put_phonemes(text(1), "a")
        assert await cache.phonemes(text(1)) == "a"
        stats = await cache.stats()
        assert (stats.phrases, stats.hits, stats.misses) == (3, 3, 1)
        assert stats.where.startswith("in memory only, for ")
        assert len(await cache.phrases()) == 3
        assert await cache.clear() == 3
    (line,) = warnings(caplog.records)
    assert str(tmp_path / folder) in line
    assert "make room or mend its rights" in line


async def test_a_folder_that_is_mended_is_used(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    clock = Clock()
    (tmp_path / "phrases").touch()
    async with shelf(tmp_path / "phrases", clock=clock, pace=OFTEN) as cache:
        await put(cache, 1)
        assert not await has(cache, 1)
        (tmp_path / "phrases").unlink()
        clock.now += 700
        await until(lambda: _is_kept(cache, 2))
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert f"in {tmp_path / 'phrases'} again" in caplog.text


async def _is_kept(cache: PhraseCache, number: int) -> bool:
    await put(cache, number)
    return await has(cache, number) == [number]


FULL_DISK = """
import asyncio, json, logging, resource, sys
from pathlib import Path
from tests.plugins.phrase_shelves import *

class Lines(logging.Handler):
    said = []
    def emit(self, record):
        self.said.append(record.levelname)

def allow(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

async def main():
    LOG.setLevel(logging.INFO)
    LOG.addHandler(Lines())
    clock = Clock()
    async with shelf(Path(sys.argv[1]), memory=30_000, clock=clock) as cache:
        await put(cache, *range(10))
        allow(700_000)  # no file may grow beyond that, as on a disk that is full
        await put(cache, *range(10, 100))
        assert await is_heard(cache, 99)  # from memory
        early = [await is_heard(cache, number) for number in range(10)]
        kept = await has(cache, *range(99))
        await put(cache, 100)
        refused = (await cache.stats()).where
        allow(resource.RLIM_INFINITY)
        clock.now += 700
        await put(cache, *range(200, 250))
        healed = await has(cache, *range(200, 250))
        where = (await cache.stats()).where
        print(json.dumps([early, len(kept), refused, len(healed), where, Lines.said]))

asyncio.run(main())
"""


def test_a_full_disk_is_read_but_not_written_until_there_is_room(tmp_path: Path) -> None:
    """With one line when it begins and one when it is over."""
    ran = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    early, kept, refused, healed, where, said = json.loads(ran.stdout)
    assert early == [True] * 10
    assert 10 <= kept < 60
    assert refused.startswith(f"in {tmp_path}, to which nothing can be added (")
    assert healed == 50
    assert where == f"in {tmp_path}"
    assert said == ["WARNING", "INFO"]


def test_a_full_disk_can_be_cleared(tmp_path: Path) -> None:
    program = FULL_DISK.replace("await put(cache, *range(10, 100))", "await put(cache, *range(10, 100)); CLEAR")
    clear = "print(await cache.clear() >= 10, len(files(Path(sys.argv[1])))); return"
    ran = subprocess.run(
        [sys.executable, "-c", program.replace("CLEAR", clear), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert ran.stdout == "True 1\n"


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are listed by Linux only")
async def test_what_was_cleared_takes_no_room_any_more(tmp_path: Path) -> None:
    """A file that is removed takes its room until nobody has it open."""
    async with shelf(tmp_path) as cache:
        await put(cache, 1)
        assert await is_heard(cache, 1)
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
database.execute("UPDATE totals SET hits = hits")
print("locked", flush=True)
sys.stdin.read()
"""


@contextmanager
def locked(folder: Path, mode: str) -> Iterator[None]:
    """Another program that, in the mode `EXCLUSIVE`, lets nobody in, and in the mode `NORMAL` nobody write."""
    command = [sys.executable, "-c", LOCKING, str(files(folder)[-1]), mode]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdout
        assert program.stdout.readline() == b"locked\n"
        yield
        program.communicate()


async def test_a_file_that_is_locked_is_a_miss_until_it_is_free(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with shelf(tmp_path) as cache:
        await put(cache, 1)
    async with AsyncExitStack() as stack:
        with locked(tmp_path, "EXCLUSIVE"):
            cache = await stack.enter_async_context(shelf(tmp_path, memory=40_000, pace=OFTEN))
            assert not await is_heard(cache, 1)
            await put(cache, 2)
            assert await is_heard(cache, 2)
            assert "locked" in (await cache.stats()).where
        await until(lambda: is_heard(cache, 1))
        assert (await cache.stats()).where == f"in {tmp_path}"
    assert warnings(caplog.records) == []
    assert len(files(tmp_path)) == 1


async def test_while_another_server_writes_everything_is_found(tmp_path: Path) -> None:
    """A put does not wait for it; what comes too fast is forgotten, so that it does not fill the memory."""
    async with shelf(tmp_path, size=100_000_000) as cache:
        await put(cache, 0)
        with locked(tmp_path, "NORMAL"):
            for number in range(1, 300):
                cache.put(key(number), sound(number, 100_000), 0.5)
            assert await is_heard(cache, 0)
    async with shelf(tmp_path, size=100_000_000) as cache:
        assert 1 < (await cache.stats()).phrases < ROOM / 200_000 + 3


@contextmanager
def working(finish: threading.Event) -> Iterator[Worker]:
    worker = Worker("test", lambda: None, finish.set, 3600, LOG)
    worker.start()
    yield worker
    worker.stop(5)


def test_what_waits_is_bounded_and_done_in_its_order() -> None:
    go, done = threading.Event(), queue.SimpleQueue[int]()
    with working(threading.Event()) as worker:
        worker.submit(go.wait)
        taken = [worker.submit(partial(done.put, number), ROOM // 4) for number in range(6)]
        assert taken == [True] * 4 + [False] * 2
        assert worker.submit(lambda: done.put(6))  # what takes no room is always taken
        go.set()
        assert [done.get(timeout=5) for _ in range(5)] == [0, 1, 2, 3, 6]
        assert worker.submit(go.wait, ROOM)


def test_a_job_that_fails_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    with working(threading.Event()) as worker:
        worker.submit(lambda: 1 / 0)
        failing = worker.ask(lambda: 1 / 0)
        assert worker.ask(lambda: 7).result(5) == 7
        assert isinstance(failing.exception(5), ZeroDivisionError)
    assert "ZeroDivisionError" in caplog.text


def test_the_end_comes_even_when_the_disk_hangs() -> None:
    """What was asked for then has no answer, but ends; and the file is given back."""
    go, finished = threading.Event(), threading.Event()
    with working(finished) as worker:
        worker.submit(go.wait)
        late = worker.ask(lambda: 7)
        assert not worker.stop(0.05)
        assert not finished.is_set()
        go.set()
        assert worker.stop(5)
        assert finished.is_set()
        assert late.result(5) is None
        assert worker.ask(lambda: 7).result(5) is None
        assert not worker.submit(lambda: None)


def test_no_kill_costs_more_than_the_phrase_that_is_written(tmp_path: Path) -> None:
    """A small run of the tool that is run with two hundred kills before a release."""
    program = ROOT / "tools" / "load" / "phrase_cache_crash.py"
    tool = [sys.executable, str(program), "--kills", "10", "--folder", str(tmp_path)]
    ran = subprocess.run(tool, capture_output=True, text=True, check=False, timeout=250)
    account = json.loads(ran.stdout)
    assert (ran.returncode, account["wrong"], account["lost"], account["errors"]) == (0, [], [], [])
    assert (account["kills"], account["opened"], account["set_aside"]) == (10, 10, 0)
    assert account["verified"] > 10
    assert all(len(files(folder)) == 1 for folder in tmp_path.glob("*/cache/phrases"))
    assert contents(tmp_path)
