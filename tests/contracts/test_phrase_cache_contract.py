"""What every phrase cache does, whatever it is made of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from hypothesis.extra import numpy as arrays

from wyoming_kokoro import Pcm, PhraseCache, PhraseKey, TextKey
from wyoming_kokoro.testing import FakePhraseCache, plugin_context
from wyoming_kokoro_phrase_cache import PhraseCachePlugin

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

one_cache_for_all_examples = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
recordings = arrays.arrays(np.int16, some.integers(0, 30_000) | some.sampled_from([0, 1, 2, 12_000, 12_001, 24_000]))


def phrasebook(**table: Any) -> Callable[[Path], PhraseCache]:
    return lambda folder: PhraseCachePlugin(plugin_context("phrase_cache", folder, table)).kokoro_phrase_cache()


IMPLEMENTATIONS: dict[str, Callable[[Path], PhraseCache]] = {
    "two tiers": phrasebook(),
    "disk alone": phrasebook(memory_mb=0),
    "memory alone": phrasebook(size_mb=0),
    "a file where the folder should be": lambda folder: phrasebook()(folder / "file" / "no folder"),
    "fake": lambda _: FakePhraseCache(),
}


@pytest.fixture(params=IMPLEMENTATIONS)
async def cache(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[PhraseCache]:
    (tmp_path / "file").touch()
    cache = IMPLEMENTATIONS[request.param](tmp_path)
    await cache.open()
    yield cache
    await cache.close()


async def heard(cache: PhraseCache, key: PhraseKey) -> Pcm | None:
    """Return the whole recording of `key`."""
    chunks = await cache.get(key)
    return None if chunks is None else np.concatenate([sound(0), *[chunk async for chunk in chunks]])


def sound(samples: int, seed: int = 0) -> Pcm:
    return np.random.default_rng(seed).integers(-9000, 9000, samples).astype(np.int16)


def numbered(number: int) -> PhraseKey:
    return replace(KEY, phonemes=f"{number}")


async def test_it_is_a_phrase_cache(cache: PhraseCache) -> None:
    assert isinstance(cache, PhraseCache)


@one_cache_for_all_examples
@given(pcm=recordings)
async def test_a_recording_is_returned_bit_for_bit(cache: PhraseCache, pcm: Pcm) -> None:
    cache.put(KEY, pcm, cost=0.5)
    await cache.flush()
    found = await heard(cache, KEY)
    assert found is not None
    assert found.dtype == np.int16
    np.testing.assert_array_equal(found, pcm)


@pytest.mark.parametrize("level", [-32_768, -1, 0, 32_767])
async def test_full_scale_and_silence_are_returned_bit_for_bit(cache: PhraseCache, level: int) -> None:
    pcm = np.full(100_000, level, dtype=np.int16)
    cache.put(KEY, pcm, cost=0.5)
    await cache.flush()
    np.testing.assert_array_equal(await heard(cache, KEY), pcm)


async def test_what_the_caller_does_with_its_samples_afterwards_does_not_matter(cache: PhraseCache) -> None:
    pcm = sound(50_000)
    cache.put(KEY, pcm, cost=0.5)
    pcm[:] = 0
    await cache.flush()
    np.testing.assert_array_equal(await heard(cache, KEY), sound(50_000))


async def test_samples_may_be_a_view_of_others(cache: PhraseCache) -> None:
    pcm = sound(50_000)
    cache.put(KEY, pcm[100:40_000:3], cost=0.5)
    await cache.flush()
    np.testing.assert_array_equal(await heard(cache, KEY), pcm[100:40_000:3])


async def test_the_later_recording_counts(cache: PhraseCache) -> None:
    for seed in (1, 2):
        cache.put(KEY, sound(10_000, seed), cost=0.5)
    await cache.flush()
    np.testing.assert_array_equal(await heard(cache, KEY), sound(10_000, seed=2))
    assert (await cache.stats()).phrases == 1


@pytest.mark.parametrize("other", OTHER_KEYS.values(), ids=OTHER_KEYS)
async def test_another_key_is_a_miss(cache: PhraseCache, other: PhraseKey) -> None:
    cache.put(KEY, sound(1000), cost=0.5)
    await cache.flush()
    assert await heard(cache, other) is None
    assert not await cache.has(other)
    assert await cache.has(KEY)


async def test_hits_and_misses_are_counted_and_looking_is_neither(cache: PhraseCache) -> None:
    await heard(cache, KEY)
    cache.put(KEY, sound(24_000), cost=0.5)
    await cache.flush()
    for _ in range(3):
        await heard(cache, KEY)
        assert await cache.has(KEY)
        assert not await cache.has(numbered(1))
    stats = await cache.stats()
    assert (stats.hits, stats.misses) == (3, 1)
    assert (stats.lookups.memory + stats.lookups.disk, stats.lookups.missed) == (3, 1)
    assert (stats.phrases, stats.seconds) == (1, 1.0)
    assert stats.bytes <= stats.limit_bytes
    assert stats.memory_bytes <= stats.memory_limit_bytes
    assert stats.where


async def test_a_recording_that_nobody_listens_to_is_no_matter(cache: PhraseCache) -> None:
    cache.put(KEY, sound(100_000), cost=0.5)
    await cache.flush()
    assert await cache.get(KEY)
    begun = await cache.get(KEY)
    assert begun
    assert len(await anext(begun))
    await begun.aclose()
    np.testing.assert_array_equal(await heard(cache, KEY), sound(100_000))


async def test_phrases_are_listed_what_was_used_last_first(cache: PhraseCache) -> None:
    for number in range(3):
        cache.put(numbered(number), sound(24_000 * (number + 1)), cost=0.5)
        await cache.flush()
    for _ in range(2):
        await heard(cache, numbered(1))
    await cache.flush()
    listed = await cache.phrases()
    assert [phrase.digest for phrase in listed] == [numbered(number).digest.hex() for number in (1, 2, 0)]
    assert [phrase.seconds for phrase in listed] == [2.0, 3.0, 1.0]
    assert [phrase.uses for phrase in listed] == [2, 0, 0]
    assert {(phrase.voice, phrase.speed) for phrase in listed} == {(KEY.voice, KEY.speed)}
    assert all(phrase.bytes for phrase in listed)


@one_cache_for_all_examples
@given(text=some.text(), phonemes=some.text())
async def test_phonemes_are_returned_as_they_were_put(cache: PhraseCache, text: str, phonemes: str) -> None:
    key = replace(TEXT, text=text)
    cache.put_phonemes(key, phonemes)
    await cache.flush()
    assert await cache.phonemes(key) == phonemes


@pytest.mark.parametrize("other", OTHER_TEXTS.values(), ids=OTHER_TEXTS)
async def test_phonemes_of_another_text_are_not_known(cache: PhraseCache, other: TextKey) -> None:
    cache.put_phonemes(TEXT, "hɛlˈoʊ")
    await cache.flush()
    assert await cache.phonemes(other) is None


async def test_memory_is_given_back(cache: PhraseCache) -> None:
    for number in range(5):
        cache.put(numbered(number), sound(24_000), cost=0.5)
    await cache.flush()
    before = (await cache.stats()).memory_bytes
    assert cache.trim(0) == 0
    if before:
        assert 60_000 <= cache.trim(60_000) < before
        assert 0 < (await cache.stats()).memory_bytes < before
    cache.trim(1 << 40)
    assert (await cache.stats()).memory_bytes == 0
    for number in range(5):
        found = await heard(cache, numbered(number))
        assert found is None or np.array_equal(found, sound(24_000))


async def test_everything_is_forgotten(cache: PhraseCache) -> None:
    for number in range(5):
        cache.put(numbered(number), sound(24_000), cost=0.5)
    cache.put_phonemes(TEXT, "hɛlˈoʊ")
    assert await cache.clear() == 5
    assert await cache.clear() == 0
    assert [await heard(cache, numbered(number)) for number in range(5)] == [None] * 5
    assert await cache.phonemes(TEXT) is None
    assert (await cache.stats()).phrases == 0
    assert not await cache.phrases()
    cache.put(KEY, sound(24_000), cost=0.5)
    await cache.flush()
    np.testing.assert_array_equal(await heard(cache, KEY), sound(24_000))


async def test_many_ask_and_put_at_once(cache: PhraseCache) -> None:
    """Also from other threads, where the methods that are not async may be called."""

    async def visit(number: int) -> None:
        put = asyncio.to_thread(cache.put, numbered(number % 7), sound(9000, number % 7), 0.5)
        await asyncio.gather(put, asyncio.to_thread(cache.trim, 1000))
        found = await heard(cache, numbered((number + 3) % 7))
        assert found is None or np.array_equal(found, sound(9000, (number + 3) % 7))

    await asyncio.gather(*(visit(number) for number in range(50)))
    await cache.flush()
    assert (await cache.stats()).phrases <= 7
