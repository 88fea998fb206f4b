"""The contract of `PhraseCache`, checked for every implementation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from hypothesis.extra import numpy as arrays

from tests.helpers.servers.redis import needs_redis
from tools.scaling.redis_process import running_redis
from wyoming_kokoro import Pcm, PhraseCache, PhraseKey, TextKey
from wyoming_kokoro.testing import FakePhraseCache, plugin_context
from wyoming_kokoro_phrase_cache import PhraseCachePlugin
from wyoming_kokoro_redis import RedisPlugin

KEY = PhraseKey("model 1", "af_heart", 1.0, "hɛlˈoʊ")
TEXT = TextKey("rules 1", "en-US", "Hello")
OTHER_KEYS = {
    "fingerprint": replace(KEY, fingerprint="model 2"),
    "voice": replace(KEY, voice="bf_emma"),
    "speed": replace(KEY, speed=1.1),
    "phonemes": replace(KEY, phonemes="hɛlˈəʊ"),
}
OTHER_TEXTS = {
    "fingerprint": replace(TEXT, fingerprint="rules 2"),
    "language": replace(TEXT, language="en-GB"),
    "text": replace(TEXT, text="hello"),
}

share_cache_between_examples = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
recordings = arrays.arrays(np.int16, some.integers(0, 30_000) | some.sampled_from([0, 1, 2, 12_000, 12_001, 24_000]))


def cache_plugin(**table: Any) -> Callable[[Path], PhraseCache]:
    return lambda folder: PhraseCachePlugin(plugin_context("phrase_cache", folder, table)).kokoro_phrase_cache()


def shared_cache(folder: Path, port: int) -> PhraseCache:
    """Return a shared cache over the local one, with a store at this port of the loopback interface."""
    context = plugin_context("redis", folder, {"url": f"redis://127.0.0.1:{port}", "read_timeout_ms": 1000})
    cache = RedisPlugin(context).kokoro_shared_phrase_cache(cache_plugin()(folder), "machine")
    assert cache
    return cache


IMPLEMENTATIONS: dict[str, Callable[[Path], PhraseCache]] = {
    "memory and disk": cache_plugin(),
    "disk only": cache_plugin(memory_mb=0),
    "memory only": cache_plugin(size_mb=0),
    "unusable folder": lambda folder: cache_plugin()(folder / "file" / "phrases"),
    "fake": lambda _: FakePhraseCache(),
    # Nothing listens on this port.
    "shared, without a store": lambda folder: shared_cache(folder, 1),
}


@pytest.fixture(params=[*IMPLEMENTATIONS, pytest.param("shared", marks=needs_redis)])
async def cache(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[PhraseCache]:
    (tmp_path / "file").touch()
    with ExitStack() as stack:
        if request.param == "shared":
            cache = shared_cache(tmp_path, stack.enter_context(running_redis()).port)
        else:
            cache = IMPLEMENTATIONS[request.param](tmp_path)
        await cache.open()
        yield cache
        await cache.close()


async def read(cache: PhraseCache, key: PhraseKey) -> Pcm | None:
    """Return the whole recording of `key`."""
    chunks = await cache.get(key)
    return None if chunks is None else np.concatenate([noise(0), *[chunk async for chunk in chunks]])


def noise(samples: int, seed: int = 0) -> Pcm:
    return np.random.default_rng(seed).integers(-9000, 9000, samples).astype(np.int16)


def numbered_key(number: int) -> PhraseKey:
    return replace(KEY, phonemes=f"{number}")


async def test_cache_implements_the_role(cache: PhraseCache) -> None:
    assert isinstance(cache, PhraseCache)


@share_cache_between_examples
@given(pcm=recordings)
async def test_recording_is_bit_exact(cache: PhraseCache, pcm: Pcm) -> None:
    cache.put(KEY, pcm, cost=0.5)
    await cache.flush()
    found = await read(cache, KEY)
    assert found is not None
    assert found.dtype == np.int16
    np.testing.assert_array_equal(found, pcm)


@pytest.mark.parametrize("level", [-32_768, -1, 0, 32_767])
async def test_full_scale_and_silence_are_bit_exact(cache: PhraseCache, level: int) -> None:
    pcm = np.full(100_000, level, dtype=np.int16)
    cache.put(KEY, pcm, cost=0.5)
    await cache.flush()
    np.testing.assert_array_equal(await read(cache, KEY), pcm)


async def test_put_copies_the_samples(cache: PhraseCache) -> None:
    pcm = noise(50_000)
    cache.put(KEY, pcm, cost=0.5)
    pcm[:] = 0
    await cache.flush()
    np.testing.assert_array_equal(await read(cache, KEY), noise(50_000))


async def test_strided_view_is_stored(cache: PhraseCache) -> None:
    pcm = noise(50_000)
    cache.put(KEY, pcm[100:40_000:3], cost=0.5)
    await cache.flush()
    np.testing.assert_array_equal(await read(cache, KEY), pcm[100:40_000:3])


async def test_later_recording_replaces_the_earlier(cache: PhraseCache) -> None:
    for seed in (1, 2):
        cache.put(KEY, noise(10_000, seed), cost=0.5)
    await cache.flush()
    np.testing.assert_array_equal(await read(cache, KEY), noise(10_000, seed=2))
    assert (await cache.stats()).phrases == 1


@pytest.mark.parametrize("other", OTHER_KEYS.values(), ids=OTHER_KEYS)
async def test_key_that_differs_in_one_field_is_a_miss(cache: PhraseCache, other: PhraseKey) -> None:
    cache.put(KEY, noise(1000), cost=0.5)
    await cache.flush()
    assert await read(cache, other) is None
    assert not await cache.has(other)
    assert await cache.has(KEY)


async def test_get_counts_hits_and_misses_but_has_does_not(cache: PhraseCache) -> None:
    await read(cache, KEY)
    cache.put(KEY, noise(24_000), cost=0.5)
    await cache.flush()
    for _ in range(3):
        await read(cache, KEY)
        assert await cache.has(KEY)
        assert not await cache.has(numbered_key(1))
    stats = await cache.stats()
    assert (stats.hits, stats.misses) == (3, 1)
    assert (stats.lookups.memory + stats.lookups.disk, stats.lookups.misses) == (3, 1)
    assert (stats.phrases, stats.speech_seconds) == (1, 1.0)
    assert stats.disk_bytes <= stats.disk_limit_bytes
    assert stats.memory_bytes <= stats.memory_limit_bytes
    assert stats.location


async def test_only_server_may_claim_any_phrase(cache: PhraseCache) -> None:
    assert [await cache.claim(KEY), await cache.claim(KEY), await cache.claim(numbered_key(1))] == [True] * 3
    assert not await cache.has(KEY)


async def test_unread_and_half_read_recordings_do_no_harm(cache: PhraseCache) -> None:
    cache.put(KEY, noise(100_000), cost=0.5)
    await cache.flush()
    assert await cache.get(KEY)
    chunks = await cache.get(KEY)
    assert chunks
    assert len(await anext(chunks))
    await chunks.aclose()
    np.testing.assert_array_equal(await read(cache, KEY), noise(100_000))


async def test_phrases_are_listed_most_recently_used_first(cache: PhraseCache, request: pytest.FixtureRequest) -> None:
    for number in range(3):
        cache.put(numbered_key(number), noise(24_000 * (number + 1)), cost=0.5)
        await cache.flush()
    for _ in range(2):
        await read(cache, numbered_key(1))
    await cache.flush()
    listed = await cache.phrases()
    if request.node.callspec.params["cache"] in {"memory only", "unusable folder"}:
        assert not listed, "only phrases on the disk are listed"
        return
    assert [phrase.digest for phrase in listed] == [numbered_key(number).digest.hex() for number in (1, 2, 0)]
    assert [phrase.seconds for phrase in listed] == [2.0, 3.0, 1.0]
    assert [phrase.uses for phrase in listed] == [2, 0, 0]
    assert {(phrase.voice, phrase.speed) for phrase in listed} == {(KEY.voice, KEY.speed)}
    assert all(phrase.bytes for phrase in listed)


@share_cache_between_examples
@given(text=some.text(), phonemes=some.text())
async def test_phonemes_are_returned_unchanged(cache: PhraseCache, text: str, phonemes: str) -> None:
    key = replace(TEXT, text=text)
    cache.put_phonemes(key, phonemes)
    await cache.flush()
    assert await cache.phonemes(key) == phonemes


@pytest.mark.parametrize("other", OTHER_TEXTS.values(), ids=OTHER_TEXTS)
async def test_text_key_that_differs_in_one_field_has_no_phonemes(cache: PhraseCache, other: TextKey) -> None:
    cache.put_phonemes(TEXT, "hɛlˈoʊ")
    await cache.flush()
    assert await cache.phonemes(other) is None


async def test_trim_frees_memory(cache: PhraseCache) -> None:
    for number in range(5):
        cache.put(numbered_key(number), noise(24_000), cost=0.5)
    await cache.flush()
    before = (await cache.stats()).memory_bytes
    assert cache.trim(0) == 0
    if before:
        assert 60_000 <= cache.trim(60_000) < before
        assert 0 < (await cache.stats()).memory_bytes < before
    cache.trim(1 << 40)
    assert (await cache.stats()).memory_bytes == 0
    for number in range(5):
        found = await read(cache, numbered_key(number))
        assert found is None or np.array_equal(found, noise(24_000))


async def test_clear_deletes_everything_and_the_cache_stays_usable(cache: PhraseCache) -> None:
    for number in range(5):
        cache.put(numbered_key(number), noise(24_000), cost=0.5)
    cache.put_phonemes(TEXT, "hɛlˈoʊ")
    assert await cache.clear() == 5
    assert await cache.clear() == 0
    assert [await read(cache, numbered_key(number)) for number in range(5)] == [None] * 5
    assert await cache.phonemes(TEXT) is None
    assert (await cache.stats()).phrases == 0
    assert not await cache.phrases()
    cache.put(KEY, noise(24_000), cost=0.5)
    await cache.flush()
    np.testing.assert_array_equal(await read(cache, KEY), noise(24_000))


async def test_concurrent_gets_puts_and_trims(cache: PhraseCache) -> None:
    """The methods that are not async may be called from any thread."""

    async def use_cache(number: int) -> None:
        put = asyncio.to_thread(cache.put, numbered_key(number % 7), noise(9000, number % 7), 0.5)
        await asyncio.gather(put, asyncio.to_thread(cache.trim, 1000))
        found = await read(cache, numbered_key((number + 3) % 7))
        assert found is None or np.array_equal(found, noise(9000, (number + 3) % 7))

    await asyncio.gather(*(use_cache(number) for number in range(50)))
    await cache.flush()
    assert (await cache.stats()).phrases <= 7


async def test_released_phrase_can_be_claimed_and_put(cache: PhraseCache) -> None:
    assert await read(cache, KEY) is None
    cache.release(KEY)
    assert await cache.claim(KEY)
    cache.put(KEY, noise(100), cost=0.5)
    cache.release(KEY)
    await cache.flush()
    np.testing.assert_array_equal(await read(cache, KEY), noise(100))
