from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from wyoming_kokoro.api.phrase_cache import PhraseCache, PhraseKey, TextKey
from wyoming_kokoro.speech.phrase_cache import FailSafePhraseCache, NullPhraseCache
from wyoming_kokoro.testing import FakePhraseCache

KEY = PhraseKey("model", "af_heart", 1.0, "həlˈO")
TEXT = TextKey("filters", "en-US", "hello")
PCM = np.arange(100, dtype=np.int16)


class BrokenPhraseCache(FakePhraseCache):
    """Raises in every method."""

    def __getattribute__(self, name: str) -> Any:
        def fail(*_: object) -> None:
            raise RuntimeError(f"{name} is broken")

        return fail


async def results(cache: PhraseCache) -> list[object]:
    cache.put(KEY, PCM, 1.0)
    cache.put_phonemes(TEXT, "həlˈO")
    await cache.flush()
    assert await cache.claim(KEY)
    lookups = [await cache.get(KEY), await cache.has(KEY), await cache.phonemes(TEXT), (await cache.stats()).phrases]
    return [*lookups, list(await cache.phrases()), cache.trim(1), await cache.clear()]


@pytest.mark.parametrize("make", [NullPhraseCache, lambda: FailSafePhraseCache(BrokenPhraseCache())])
async def test_null_and_broken_caches_are_empty(
    make: Callable[[], PhraseCache], caplog: pytest.LogCaptureFixture
) -> None:
    """The broken one logs one error, without phonemes."""
    cache = make()
    caplog.set_level(logging.DEBUG)
    await cache.open()
    assert await results(cache) == [None, False, None, 0, [], 0, 0]
    await cache.close()
    assert len([record for record in caplog.records if record.levelno >= logging.ERROR]) == isinstance(
        cache, FailSafePhraseCache
    )
    assert "həlˈO" not in caplog.text


async def test_results_of_a_working_cache_pass_through() -> None:
    cache = FailSafePhraseCache(FakePhraseCache())
    await cache.open()
    cache.put(KEY, PCM, 1.0)
    recording = await cache.get(KEY)
    assert recording is not None
    assert np.concatenate([chunk async for chunk in recording]).tolist() == PCM.tolist()
    assert (await cache.has(KEY), (await cache.stats()).hits, await cache.clear()) == (True, 1, 1)
    await cache.close()


async def test_lookup_waits_until_the_cache_is_open() -> None:
    class SlowPhraseCache(FakePhraseCache):
        async def open(self) -> None:
            await asyncio.sleep(0.05)
            self.put(KEY, PCM, 1.0)

    cache = FailSafePhraseCache(SlowPhraseCache())
    opening = asyncio.create_task(cache.open())
    assert await cache.has(KEY)
    await opening
