"""The phrase cache on the disk: what lasts, what is shared, what it costs, and who can read it."""

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

import numpy as np
import pytest

from tests.plugins.phrase_shelves import (
    OFTEN,
    contents,
    files,
    has,
    inside,
    is_heard,
    key,
    put,
    shelf,
    sound,
    text,
    until,
)
from wyoming_kokoro import ConfigError, LookupCounts, MemoryPressure, PhraseKey, TextKey
from wyoming_kokoro.api.observations import Level
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro_phrase_cache import Phrasebook


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"size_mb": -1}, "plugins.phrase_cache.size_mb"),
        ({"memory_mb": -1}, "plugins.phrase_cache.memory_mb"),
        ({"age_days": 0}, "plugins.phrase_cache.age_days"),
        ({"size": 1}, "did you mean size_mb"),
    ],
)
def test_a_wrong_setting_is_refused(tmp_path: Path, table: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Phrasebook(plugin_context("phrase_cache", tmp_path, table))


async def test_settings_are_the_limits(tmp_path: Path) -> None:
    cache = Phrasebook(plugin_context("phrase_cache", tmp_path, {"memory_mb": 7})).kokoro_phrase_cache()
    assert contents(tmp_path) == []
    await cache.open()
    stats = await cache.stats()
    await cache.close()
    assert (stats.limit_bytes, stats.memory_limit_bytes) == (512_000_000, 7_000_000)
    assert stats.where == f"in {tmp_path / 'cache' / 'phrases'}"


async def test_without_a_size_nothing_is_written(tmp_path: Path) -> None:
    cache = Phrasebook(plugin_context("phrase_cache", tmp_path, {"size_mb": 0})).kokoro_phrase_cache()
    await cache.open()
    await put(cache, 1)
    assert await is_heard(cache, 1)
    assert (await cache.stats()).where == "in memory only (size_mb is 0)"
    await cache.close()
    assert contents(tmp_path) == []


async def test_everything_lasts(tmp_path: Path) -> None:
    """What was kept, how often it was used, and how often something was found."""
    async with shelf(tmp_path) as cache:
        await put(cache, 1, 2)
        cache.put_phonemes(text(1), "hɛlˈoʊ")
        assert await is_heard(cache, 1)
        assert not await is_heard(cache, 3)
        before = await cache.stats()
    async with shelf(tmp_path) as cache:
        assert replace(await cache.stats(), lookups=before.lookups) == before
        assert [phrase.uses for phrase in await cache.phrases()] == [1, 0]
        assert await is_heard(cache, 1)
        assert await is_heard(cache, 2)
        assert await cache.phonemes(text(1)) == "hɛlˈoʊ"


async def test_what_was_put_last_is_kept_without_a_flush(tmp_path: Path) -> None:
    async with shelf(tmp_path) as cache:
        for number in range(20):
            cache.put(key(number), sound(number), 0.5)
    async with shelf(tmp_path) as cache:
        assert await has(cache, *range(20)) == [*range(20)]


async def test_speech_takes_at_most_its_size_and_comes_in_chunks(tmp_path: Path) -> None:
    async with shelf(tmp_path, memory=200_000) as cache:
        for number in range(20):
            cache.put(key(number), sound(number, 24_000), 0.5)
            assert (await cache.stats()).memory_bytes <= 200_000
        cache.put(key(0), sound(0, 240_000), 0.5)  # too much for memory
        assert (await cache.stats()).memory_bytes <= 200_000
        await cache.flush()
        chunks = await cache.get(key(0))
        assert chunks
        assert [len(chunk) async for chunk in chunks] == [12_000] * 20


async def test_chunks_cannot_be_changed(tmp_path: Path) -> None:
    async with shelf(tmp_path, memory=1_000_000) as cache:
        await put(cache, 1)
        for trimmed in (0, 1_000_000):
            cache.trim(trimmed)
            chunks = await cache.get(key(1))
            assert chunks
            with pytest.raises(ValueError, match="read-only"):
                (await anext(chunks))[:] = 0


async def test_what_is_in_memory_is_returned_without_waiting(tmp_path: Path) -> None:
    """Neither for a thread nor for the disk: the coroutine ends at the first step."""
    async with shelf(tmp_path, memory=1_000_000) as cache:
        await put(cache, 1)
        cache.put_phonemes(text(1), "a")
        await cache.flush()
        cache.trim(1_000_000)
        assert await is_heard(cache, 1)  # which brings it to memory
        assert await cache.phonemes(text(1)) == "a"
        for coroutine in (cache.get(key(1)), cache.has(key(1)), cache.phonemes(text(1))):
            with pytest.raises(StopIteration):
                coroutine.send(None)


async def test_hits_are_told_by_the_tier_that_had_them(tmp_path: Path) -> None:
    """From the opening on: hits and misses before it belong to another server's life."""
    async with shelf(tmp_path, memory=1_000_000) as cache:
        await put(cache, 1)
        assert [await is_heard(cache, number) for number in (1, 1, 2)] == [True, True, False]
        assert (await cache.stats()).lookups == LookupCounts(memory=2, disk=0, missed=1)
    async with shelf(tmp_path, memory=1_000_000) as cache:
        assert [await is_heard(cache, number) for number in (1, 1, 2)] == [True, True, False]
        assert (await cache.stats()).lookups == LookupCounts(memory=1, disk=1, missed=1)


@pytest.mark.parametrize(("level", "share"), [("normal", 1.0), ("raised", 0.5), ("high", 0.0), ("critical", 0.0)])
async def test_memory_is_given_back_when_it_is_short(tmp_path: Path, level: Level, share: float) -> None:
    """What was used last stays longest, and all of it stays on the disk; a phrase that is being played plays on."""
    plugin = Phrasebook(plugin_context("phrase_cache", tmp_path))
    assert plugin.kokoro_memory_pressure(MemoryPressure(level, "a test")) is None, "there is nothing yet"
    cache = plugin.kokoro_phrase_cache()
    await cache.open()
    for number in range(10):
        cache.put(key(number), sound(number, 24_000), 0.5)
    await cache.flush()
    before = (await cache.stats()).memory_bytes
    playing = await cache.get(key(0))
    assert playing
    freed = plugin.kokoro_memory_pressure(MemoryPressure(level, "a test")) or 0
    after = (await cache.stats()).memory_bytes
    assert freed == before - after
    assert after == pytest.approx(share * before, abs=before / 10)
    assert [len(chunk) async for chunk in playing] == [12_000] * 2
    assert all([await cache.has(key(number)) for number in range(10)])
    await cache.close()


async def test_two_servers_share(tmp_path: Path) -> None:
    async with shelf(tmp_path) as one, shelf(tmp_path) as other:
        await asyncio.gather(put(one, *range(20)), put(other, *range(20, 40)))
        assert await has(one, *range(40)) == [*range(40)]
        assert await has(other, *range(40)) == [*range(40)]
        assert await is_heard(one, 30)
        assert not await is_heard(other, 50)
        await one.flush()
        await other.flush()
        stats = await one.stats()
        assert (stats.phrases, stats.hits, stats.misses) == (40, 1, 1)
        with inside(tmp_path) as database:
            counted = database.execute("SELECT count(*), sum(samples), sum(size) FROM phrases").fetchone()
        assert (stats.phrases, stats.seconds, stats.bytes) == (counted[0], counted[1] / 24_000, counted[2])


async def test_three_servers_start_at_once(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys; from pathlib import Path; from tests.plugins.phrase_shelves import *\n"
        "async def main():\n"
        "    async with shelf(Path(sys.argv[1])) as cache:\n"
        "        await put(cache, int(sys.argv[2])); print((await cache.stats()).where)\n"
        "asyncio.run(main())"
    )
    servers = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", program, str(tmp_path), str(number)), stdout=subprocess.PIPE
        )
        for number in range(3)
    ]
    assert [(await server.communicate())[0] for server in servers] == [f"in {tmp_path}\n".encode()] * 3
    async with shelf(tmp_path) as cache:
        assert await has(cache, 0, 1, 2) == [0, 1, 2]
    assert len(files(tmp_path)) == 1


async def test_what_one_server_clears_the_other_forgets(tmp_path: Path) -> None:
    async with shelf(tmp_path, memory=1_000_000, pace=OFTEN) as server, shelf(tmp_path) as command:
        await put(server, 1, 2)
        assert await command.clear() == 2
        await until(lambda: _forgotten(server))
        await put(server, 3)
        assert await has(command, 3) == [3]
    assert len(files(tmp_path)) == 1


async def _forgotten(cache: Any) -> bool:
    return not await has(cache, 1, 2)


async def test_a_folder_that_was_removed_is_begun_again(tmp_path: Path) -> None:
    async with shelf(tmp_path / "phrases", pace=OFTEN) as cache:
        await put(cache, 1)
        assert await is_heard(cache, 1)  # so that the file is open, and can still be read
        (tmp_path / "phrases").rename(tmp_path / "removed")
        await until(lambda: _forgotten(cache))
        await put(cache, 2)
        assert await has(cache, 2) == [2]
    assert len(files(tmp_path / "phrases")) == 1


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_umask")
async def test_only_the_owner_can_read(tmp_path: Path) -> None:
    folder = tmp_path / "phrases"
    async with shelf(folder) as cache:
        await put(cache, 1)
        modes = {file.suffix: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    assert modes == {".sqlite": 0o600, ".sqlite-wal": 0o600, ".sqlite-shm": 0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


async def test_a_file_that_others_can_read_is_closed_to_them(tmp_path: Path) -> None:
    async with shelf(tmp_path) as cache:
        await put(cache, 1)
    files(tmp_path)[0].chmod(0o644)
    async with shelf(tmp_path) as cache:
        assert await is_heard(cache, 1)
        assert stat.S_IMODE(files(tmp_path)[0].stat().st_mode) == 0o600


async def test_nobody_can_read_what_was_said(tmp_path: Path) -> None:
    """Neither the text nor its phonemes nor a piece of them stand in any of the files."""
    said, phonemes = "The alarm code is four seven one one", "ðə ɐlˈɑːɹm kˈoʊd ɪz fˈoːɹ sˈɛvən wˈʌn wˈʌn"
    async with shelf(tmp_path) as cache:
        cache.put_phonemes(TextKey("rules", "en-US", said), phonemes)
        cache.put_phonemes(TextKey("rules", "en-US", said + "."), phonemes)
        cache.put(PhraseKey("model", "af_heart", 1.0, phonemes), np.zeros(1000, np.int16), 0.5)
        await cache.flush()
        content = b"".join(file.read_bytes() for file in contents(tmp_path))
        with inside(tmp_path) as database:
            one, other = database.execute("SELECT content FROM phonemes").fetchall()
    assert b"af_heart" in content  # so what is looked for would be found
    for secret in (said, phonemes):
        pieces = [secret[begin : begin + 6].encode() for begin in range(len(secret) - 5)]
        assert [piece for piece in pieces if piece in content] == []
    assert one[0][16:24] != other[0][16:24]
