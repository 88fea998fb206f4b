"""The whole cache: settings, persistence, memory, sharing and file permissions."""

from __future__ import annotations

import asyncio
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.phrase_cache_fixtures import (
    OFTEN,
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
)
from wyoming_kokoro import ConfigError, LookupCounts, MemoryPressure, PhraseCache
from wyoming_kokoro.api.observations import Level
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro_phrase_cache import PhraseCachePlugin


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"size_mb": -1}, "plugins.phrase_cache.size_mb"),
        ({"memory_mb": -1}, "plugins.phrase_cache.memory_mb"),
        ({"max_age_days": 0}, "plugins.phrase_cache.max_age_days"),
        ({"size": 1}, "did you mean size_mb"),
    ],
)
def test_invalid_setting_is_refused(tmp_path: Path, table: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        PhraseCachePlugin(plugin_context("phrase_cache", tmp_path, table))


async def test_settings_become_the_limits_of_the_stats(tmp_path: Path) -> None:
    cache = PhraseCachePlugin(plugin_context("phrase_cache", tmp_path, {"memory_mb": 7})).kokoro_phrase_cache()
    assert all_files(tmp_path) == []
    await cache.open()
    stats = await cache.stats()
    await cache.close()
    assert (stats.disk_limit_bytes, stats.memory_limit_bytes) == (512_000_000, 7_000_000)
    assert stats.location == f"in {tmp_path / 'cache' / 'phrases'}"


async def test_size_zero_writes_no_file(tmp_path: Path) -> None:
    cache = PhraseCachePlugin(plugin_context("phrase_cache", tmp_path, {"size_mb": 0})).kokoro_phrase_cache()
    await cache.open()
    await put(cache, 1)
    assert await is_hit(cache, 1)
    assert (await cache.stats()).location == "in memory only (size_mb is 0)"
    await cache.close()
    assert all_files(tmp_path) == []


async def test_phrases_phonemes_and_counts_survive_a_restart(tmp_path: Path) -> None:
    async with open_cache(tmp_path) as cache:
        await put(cache, 1, 2)
        cache.put_phonemes(text_key(1), "hɛlˈoʊ")
        assert await is_hit(cache, 1)
        assert not await is_hit(cache, 3)
        before = await cache.stats()
    async with open_cache(tmp_path) as cache:
        assert replace(await cache.stats(), lookups=before.lookups) == before
        assert [phrase.uses for phrase in await cache.phrases()] == [1, 0]
        assert await is_hit(cache, 1)
        assert await is_hit(cache, 2)
        assert await cache.phonemes(text_key(1)) == "hɛlˈoʊ"


async def test_close_writes_what_was_put_without_a_flush(tmp_path: Path) -> None:
    async with open_cache(tmp_path) as cache:
        for number in range(20):
            cache.put(phrase_key(number), noise(number), 0.5)
    async with open_cache(tmp_path) as cache:
        assert await cached(cache, *range(20)) == [*range(20)]


async def test_memory_stays_within_its_limit_and_chunks_are_half_seconds(tmp_path: Path) -> None:
    async with open_cache(tmp_path, memory=200_000) as cache:
        for number in range(20):
            cache.put(phrase_key(number), noise(number, 24_000), 0.5)
            assert (await cache.stats()).memory_bytes <= 200_000
        # This recording alone exceeds the limit.
        cache.put(phrase_key(0), noise(0, 240_000), 0.5)
        assert (await cache.stats()).memory_bytes <= 200_000
        await cache.flush()
        chunks = await cache.get(phrase_key(0))
        assert chunks
        assert [len(chunk) async for chunk in chunks] == [12_000] * 20


async def test_chunks_are_read_only(tmp_path: Path) -> None:
    async with open_cache(tmp_path, memory=1_000_000) as cache:
        await put(cache, 1)
        # The first chunk comes from memory, the second from the disk.
        for trimmed in (0, 1_000_000):
            cache.trim(trimmed)
            chunks = await cache.get(phrase_key(1))
            assert chunks
            with pytest.raises(ValueError, match="read-only"):
                (await anext(chunks))[:] = 0


async def test_memory_hit_returns_without_waiting(tmp_path: Path) -> None:
    async with open_cache(tmp_path, memory=1_000_000) as cache:
        await put(cache, 1)
        cache.put_phonemes(text_key(1), "a")
        await cache.flush()
        cache.trim(1_000_000)
        # The hit on the disk copies the phrase to memory.
        assert await is_hit(cache, 1)
        assert await cache.phonemes(text_key(1)) == "a"
        for coroutine in (cache.get(phrase_key(1)), cache.has(phrase_key(1)), cache.phonemes(text_key(1))):
            # A coroutine that waits for nothing ends at the first step.
            with pytest.raises(StopIteration):
                coroutine.send(None)


async def test_lookups_are_counted_by_tier_since_opening(tmp_path: Path) -> None:
    async with open_cache(tmp_path, memory=1_000_000) as cache:
        await put(cache, 1)
        assert [await is_hit(cache, number) for number in (1, 1, 2)] == [True, True, False]
        assert (await cache.stats()).lookups == LookupCounts(memory=2, disk=0, misses=1)
    async with open_cache(tmp_path, memory=1_000_000) as cache:
        assert [await is_hit(cache, number) for number in (1, 1, 2)] == [True, True, False]
        assert (await cache.stats()).lookups == LookupCounts(memory=1, disk=1, misses=1)


@pytest.mark.parametrize(("level", "share"), [("normal", 1.0), ("raised", 0.5), ("high", 0.0), ("critical", 0.0)])
async def test_memory_pressure_frees_memory_but_keeps_the_disk(tmp_path: Path, level: Level, share: float) -> None:
    plugin = PhraseCachePlugin(plugin_context("phrase_cache", tmp_path))
    assert plugin.kokoro_memory_pressure(MemoryPressure(level, "a test")) is None, "there is no cache yet"
    cache = plugin.kokoro_phrase_cache()
    await cache.open()
    for number in range(10):
        cache.put(phrase_key(number), noise(number, 24_000), 0.5)
    await cache.flush()
    before = (await cache.stats()).memory_bytes
    playing = await cache.get(phrase_key(0))
    assert playing
    freed = plugin.kokoro_memory_pressure(MemoryPressure(level, "a test")) or 0
    after = (await cache.stats()).memory_bytes
    assert freed == before - after
    assert after == pytest.approx(share * before, abs=before / 10)
    assert [len(chunk) async for chunk in playing] == [12_000] * 2, "a phrase that plays is not cut short"
    assert await cached(cache, *range(10)) == [*range(10)]
    await cache.close()


async def test_two_servers_share_phrases_and_counts(tmp_path: Path) -> None:
    async with open_cache(tmp_path) as one, open_cache(tmp_path) as other:
        await asyncio.gather(put(one, *range(20)), put(other, *range(20, 40)))
        assert await cached(one, *range(40)) == [*range(40)]
        assert await cached(other, *range(40)) == [*range(40)]
        assert await is_hit(one, 30)
        assert not await is_hit(other, 50)
        await one.flush()
        await other.flush()
        stats = await one.stats()
        assert (stats.phrases, stats.hits, stats.misses) == (40, 1, 1)
        assert stats.speech_seconds == 40 * 0.5


async def test_three_processes_that_open_at_once_share_one_file(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys; from pathlib import Path; from tests.helpers.phrase_cache_fixtures import *\n"
        "async def main():\n"
        "    async with open_cache(Path(sys.argv[1])) as cache:\n"
        # The file may be locked for a moment.
        "        while not await cached(cache, number := int(sys.argv[2])): await put(cache, number)\n"
        "        print((await cache.stats()).location)\n"
        "asyncio.run(main())"
    )
    servers = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", program, str(tmp_path), str(number)), stdout=subprocess.PIPE
        )
        for number in range(3)
    ]
    assert [(await server.communicate())[0] for server in servers] == [f"in {tmp_path}\n".encode()] * 3
    async with open_cache(tmp_path) as cache:
        assert await cached(cache, 0, 1, 2) == [0, 1, 2]


async def test_file_that_another_process_opens_and_closes_is_used(tmp_path: Path) -> None:
    """SQLite creates and removes the write-ahead log beside it."""
    async with open_cache(tmp_path) as cache:
        await put(cache, 1)
    program = (
        "import sqlite3, sys\n"
        "while True:\n"
        "    connection = sqlite3.connect(sys.argv[1])\n"
        "    connection.execute('SELECT count(*) FROM phrases').fetchall()\n"
        "    connection.close()"
    )
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", program, str(database_path(tmp_path)))
    locations = set()
    for _ in range(150):
        async with open_cache(tmp_path) as cache:
            locations.add((await cache.stats()).location)
    other.kill()
    await other.wait()
    assert locations == {f"in {tmp_path}"}


async def test_phrases_that_one_server_clears_leave_the_memory_of_the_other(tmp_path: Path) -> None:
    async with open_cache(tmp_path, memory=1_000_000, maintenance=OFTEN) as server, open_cache(tmp_path) as command:
        await put(server, 1, 2)
        assert await command.clear() == 2
        await until(lambda: _is_cleared(server))
        await put(server, 3)
        assert await cached(command, 3) == [3]
    assert all_files(tmp_path) == [database_path(tmp_path)]


async def _is_cleared(cache: PhraseCache) -> bool:
    return not await cached(cache, 1, 2)


async def test_removed_folder_is_created_again(tmp_path: Path) -> None:
    async with open_cache(tmp_path / "phrases", maintenance=OFTEN) as cache:
        await put(cache, 1)
        assert await is_hit(cache, 1)
        # The cache has the file open and could still read it.
        (tmp_path / "phrases").rename(tmp_path / "removed")
        await until(lambda: _is_cleared(cache))
        await put(cache, 2)
        assert await cached(cache, 2) == [2]
    assert all_files(tmp_path / "phrases") == [database_path(tmp_path / "phrases")]


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_umask")
async def test_files_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "phrases"
    async with open_cache(folder) as cache:
        await put(cache, 1)
        modes = {file.suffix: stat.S_IMODE(file.stat().st_mode) for file in all_files(folder)}
    assert modes == {".sqlite": 0o600, ".sqlite-wal": 0o600, ".sqlite-shm": 0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


async def test_file_that_others_can_read_becomes_private(tmp_path: Path) -> None:
    async with open_cache(tmp_path) as cache:
        await put(cache, 1)
    database_path(tmp_path).chmod(0o644)
    async with open_cache(tmp_path) as cache:
        assert await is_hit(cache, 1)
        assert stat.S_IMODE(database_path(tmp_path).stat().st_mode) == 0o600
