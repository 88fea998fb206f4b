"""A phrase cache that fails is one that has nothing; the lack of one is no special case."""

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


class Broken(FakePhraseCache):
    """Fails at everything."""

    def __getattribute__(self, name: str) -> Any:
        def fail(*_: object) -> None:
            raise RuntimeError(f"{name} is out of order")

        return fail


async def answers(cache: PhraseCache) -> list[object]:
    cache.put(KEY, PCM, 1.0)
    cache.put_phonemes(TEXT, "həlˈO")
    await cache.flush()
    asked = [await cache.get(KEY), await cache.has(KEY), await cache.phonemes(TEXT), (await cache.stats()).phrases]
    return [*asked, list(await cache.phrases()), cache.trim(1), await cache.clear()]


@pytest.mark.parametrize("make", [NullPhraseCache, lambda: FailSafePhraseCache(Broken())])
async def test_nothing_is_there(make: Callable[[], PhraseCache], caplog: pytest.LogCaptureFixture) -> None:
    """Whatever fails is a miss; that it failed is logged once, without what was said."""
    cache = make()
    caplog.set_level(logging.DEBUG)
    await cache.open()
    assert await answers(cache) == [None, False, None, 0, [], 0, 0]
    await cache.close()
    assert len([record for record in caplog.records if record.levelno >= logging.ERROR]) == isinstance(
        cache, FailSafePhraseCache
    )
    assert "həlˈO" not in caplog.text


async def test_what_works_is_passed_on() -> None:
    cache = FailSafePhraseCache(FakePhraseCache())
    await cache.open()
    cache.put(KEY, PCM, 1.0)
    kept = await cache.get(KEY)
    assert kept is not None
    assert np.concatenate([chunk async for chunk in kept]).tolist() == PCM.tolist()
    assert (await cache.has(KEY), (await cache.stats()).hits, await cache.clear()) == (True, 1, 1)
    await cache.close()


async def test_who_asks_before_it_is_open_waits() -> None:
    """A hit that comes a moment later is better than a miss."""

    class Slow(FakePhraseCache):
        async def open(self) -> None:
            await asyncio.sleep(0.05)
            self.put(KEY, PCM, 1.0)

    cache = FailSafePhraseCache(Slow())
    opening = asyncio.create_task(cache.open())
    assert await cache.has(KEY)
    await opening
