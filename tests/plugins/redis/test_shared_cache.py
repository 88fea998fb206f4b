"""Servers that share phrases over a real redis-server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.helpers.phrase_cache_fixtures import is_hit, noise, phrase_key, text_key, until, warnings
from tests.helpers.servers.redis import needs_redis
from tests.helpers.servers.shared_cache import open_shared, short_deadline, state, store, url_of
from tools.scaling.redis_process import RedisProcess, faulty_proxy
from wyoming_kokoro_redis import client, shared_cache
from wyoming_kokoro_redis import store as store_module
from wyoming_kokoro_redis.client import MAX_VALUE_BYTES, PREFIX
from wyoming_kokoro_redis.shared_cache import SharedPhraseCache

pytestmark = needs_redis
CLAIM_MS = 600_000


@pytest.fixture(autouse=True)
def long_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine, a claim must not end by itself."""
    monkeypatch.setattr(client, "CLAIM_MS", CLAIM_MS)
    monkeypatch.setattr(store_module, "CLAIM_SECONDS", CLAIM_MS / 1000)


async def test_phrase_of_one_server_is_a_bit_exact_hit_on_another(redis: RedisProcess) -> None:
    async with open_shared(url_of(redis)) as first, open_shared(url_of(redis)) as second:
        await store(first, 1, 2)
        assert await is_hit(second, 1)
        assert await second.has(phrase_key(2))
        assert not await second.has(phrase_key(3))
        assert (await state(first)).stored == 2
        assert (await state(second)).hits == 2
        # Now both phrases are local.
        redis.command("FLUSHALL")
        assert await is_hit(second, 1)
        assert await is_hit(second, 2)
        assert (await state(second)).hits == 2


async def test_unlike_machines_do_not_share(redis: RedisProcess) -> None:
    async with open_shared(url_of(redis)) as first, open_shared(url_of(redis), machine="other") as second:
        await store(first, 1)
        assert not await is_hit(second, 1)
        assert await second.claim(phrase_key(2))
        assert await first.claim(phrase_key(2))


async def test_phrase_that_the_local_cache_cannot_hold_is_played(redis: RedisProcess) -> None:
    async with open_shared(url_of(redis)) as first, open_shared(url_of(redis), memory=0) as second:
        await store(first, 1)
        assert await is_hit(second, 1)
        assert await is_hit(second, 1)


async def test_phonemes_are_not_shared(redis: RedisProcess) -> None:
    async with open_shared(url_of(redis)) as first, open_shared(url_of(redis)) as second:
        first.put_phonemes(text_key(1), "hɛlˈoʊ")
        await first.flush()
        assert await first.phonemes(text_key(1)) == "hɛlˈoʊ"
        assert await second.phonemes(text_key(1)) is None
        assert b":0\r\n" in redis.command("DBSIZE")


async def test_second_server_waits_briefly_for_the_first(redis: RedisProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_cache, "WAIT_SECONDS", 20.0)
    async with open_shared(url_of(redis)) as first, open_shared(url_of(redis)) as second:
        assert not await is_hit(first, 1)
        waiting = asyncio.create_task(is_hit(second, 1))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        await store(first, 1)
        assert await waiting


async def test_second_server_synthesizes_itself_after_the_wait(redis: RedisProcess) -> None:
    async with open_shared(url_of(redis)) as first, open_shared(url_of(redis)) as second:
        assert not await is_hit(first, 1)
        # The first server may be asked again.
        assert not await is_hit(first, 1)
        assert not await asyncio.wait_for(is_hit(second, 1), 20)


async def test_claim_of_one_server_excludes_others_until_it_ends(redis: RedisProcess) -> None:
    async with open_shared(url_of(redis)) as first, open_shared(url_of(redis)) as second:
        assert [await first.claim(phrase_key(1)), await first.claim(phrase_key(1))] == [True, True]
        assert not await second.claim(phrase_key(1))
        assert 9 * CLAIM_MS // 10 < int(redis.command("PTTL", keys(redis)[0])[1:].split()[0]) <= CLAIM_MS
        await store(first, 1)
        # The phrase is stored, so that there is nothing to synthesize.
        assert not await second.claim(phrase_key(1))
        assert await is_hit(second, 1)


async def test_released_phrase_may_be_claimed_at_once(redis: RedisProcess) -> None:
    async with open_shared(url_of(redis)) as first, open_shared(url_of(redis)) as second:
        assert not await is_hit(first, 1)
        assert await first.claim(phrase_key(2))
        for number in (1, 2):
            first.release(phrase_key(number))
        await first.flush()
        assert not keys(redis)
        for number in (1, 2):
            assert await second.claim(phrase_key(number))
            # The claim of another server stays.
            first.release(phrase_key(number))
        await first.flush()
        assert len(keys(redis)) == 2


@pytest.mark.parametrize("lookup", [SharedPhraseCache.get, SharedPhraseCache.claim])
async def test_cancelled_lookup_ends_its_late_claim(redis: RedisProcess, lookup: Callable[..., Any]) -> None:
    async with faulty_proxy(redis.port) as proxy, open_shared(url_of(proxy)) as cache:
        proxy.fault = "silent"
        looking = asyncio.create_task(lookup(cache, phrase_key(1)))
        await until(lambda: has_keys(redis))
        looking.cancel()
        await asyncio.wait([looking])
        assert looking.cancelled()
        proxy.fault = "none"
        await until(lambda: has_keys(redis, False))


async def test_release_ends_the_claim_of_a_lookup_that_is_late(redis: RedisProcess) -> None:
    async with faulty_proxy(redis.port) as proxy, open_shared(url_of(proxy)) as cache:
        proxy.fault = "silent"
        # A lookup that has not begun at the deadline claims nothing.
        with short_deadline(cache, 1.0):
            assert not await is_hit(cache, 1)
        cache.release(phrase_key(1))
        await until(lambda: has_keys(redis))
        proxy.fault = "none"
        await until(lambda: has_keys(redis, False))


async def test_release_after_the_phrase_was_put_does_nothing(redis: RedisProcess) -> None:
    async with open_shared(url_of(redis)) as first, open_shared(url_of(redis)) as second:
        assert await first.claim(phrase_key(1))
        first.put(phrase_key(1), noise(1), 0.5)
        first.release(phrase_key(1))
        await first.flush()
        assert await is_hit(second, 1)


def keys(redis: RedisProcess) -> list[str]:
    return [line for line in redis.command("KEYS", "*").decode().split("\r\n") if line.startswith("wyoming-kokoro:")]


async def has_keys(redis: RedisProcess, wanted: bool = True) -> bool:
    return bool(keys(redis)) is wanted


async def test_damaged_value_is_a_miss_and_is_replaced(redis: RedisProcess, caplog: pytest.LogCaptureFixture) -> None:
    async with open_shared(url_of(redis)) as first, open_shared(url_of(redis)) as second:
        await store(first, 1, 2)
        for key in keys(redis):
            redis.command("SETRANGE", key, "500", "junk")
        assert not await is_hit(second, 1)
        assert not await is_hit(second, 2)
        assert (await state(second)).damaged >= 2
        assert (await state(second)).problem == ""
        assert len(warnings(caplog.records)) == 1
        await store(second, 1)
    async with open_shared(url_of(redis)) as third:
        assert await is_hit(third, 1)


async def test_value_of_another_phrase_is_a_miss(redis: RedisProcess) -> None:
    async with open_shared(url_of(redis)) as first, open_shared(url_of(redis)) as second:
        await store(first, 1, 2)
        redis.command("RENAME", *keys(redis))
        assert not await is_hit(second, 1)
        assert not await is_hit(second, 2)


async def test_value_of_another_type_is_a_miss_and_is_replaced(redis: RedisProcess) -> None:
    async with open_shared(url_of(redis)) as first, open_shared(url_of(redis)) as second:
        await store(first, *range(5))
        for key in keys(redis):
            redis.command("DEL", key)
            redis.command("LPUSH", key, "foreign")
        assert not any([await is_hit(second, number) for number in range(5)])
        shared = await state(second)
        assert (shared.failures, shared.problem) == (0, "")
        await store(second, 1)
    async with open_shared(url_of(redis)) as third:
        assert await is_hit(third, 1)


async def test_value_that_is_too_long_is_not_read_to_its_end(redis: RedisProcess) -> None:
    async with open_shared(url_of(redis)) as cache:
        await store(cache, 1)
        (key,) = keys(redis)
        redis.command("SETRANGE", key, str(4 * MAX_VALUE_BYTES), "end")
        store_client = cache._store._client
        assert store_client
        value = await asyncio.to_thread(store_client.get, key.removeprefix(PREFIX))
        assert value
        assert len(value) == MAX_VALUE_BYTES
    async with open_shared(url_of(redis)) as other:
        assert not await is_hit(other, 1)
        assert (await state(other)).failures == 0


async def test_clear_deletes_the_phrases_of_all_servers_and_no_foreign_key(redis: RedisProcess) -> None:
    redis.command("SET", "foreign", "value")
    async with open_shared(url_of(redis)) as first, open_shared(url_of(redis), machine="other") as second:
        await store(first, *range(20))
        await store(second, 1)
        assert await first.clear() == 20
        assert not keys(redis)
        assert b"value" in redis.command("GET", "foreign")


async def test_put_copies_the_samples(redis: RedisProcess) -> None:
    async with open_shared(url_of(redis)) as first, open_shared(url_of(redis)) as second:
        pcm = noise(1)
        first.put(phrase_key(1), pcm, 0.5)
        pcm[:] = 0
        await first.flush()
        assert await is_hit(second, 1)
