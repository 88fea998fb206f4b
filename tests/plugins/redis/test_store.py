"""A real redis-server that fails and recovers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.helpers.phrase_cache_fixtures import is_hit, noise, phrase_key, until, warnings
from tests.helpers.servers.redis import needs_redis
from tests.helpers.servers.shared_cache import open_shared, short_deadline, state, store, url_of, wait_until_usable
from tools.scaling.redis_process import RedisProcess, faulty_proxy, running_redis
from wyoming_kokoro_redis import client
from wyoming_kokoro_redis.store import MAX_QUEUED_BYTES

pytestmark = needs_redis
# Much longer than the deadline of 0.1 s, also on a loaded machine.
LATE_SECONDS = 1.0
SLOW = pytest.mark.slow  # takes seconds, and repeats the path of the other faults
FAULTS = ("killed", "paused", *(pytest.param(fault, marks=SLOW) for fault in ("slow", "silent", "junk", "refused")))


@pytest.mark.parametrize("fault", FAULTS)
async def test_failing_store_opens_the_circuit_and_is_used_again(fault: str, caplog: pytest.LogCaptureFixture) -> None:
    with running_redis() as own:
        async with faulty_proxy(own.port) as proxy, open_shared(url_of(proxy)) as cache:
            await store(cache, 1)
            if fault == "paused":
                own.pause()
            elif fault == "killed":
                own.kill()
            else:
                proxy.fault, proxy.slow_seconds = fault, LATE_SECONDS  # type: ignore[assignment]
            with short_deadline(cache):
                for number in range(2, 6):
                    assert not await is_hit(cache, number)
                assert (await state(cache)).problem
                failures = (await state(cache)).failures
                assert failures <= 4
                for lookup in (cache.get(phrase_key(6)), cache.has(phrase_key(6)), cache.claim(phrase_key(6))):
                    # A coroutine that waits for nothing ends at the first step.
                    with pytest.raises(StopIteration):
                        lookup.send(None)
                # The local cache works, and the store is not asked.
                await store(cache, 7)
                assert await is_hit(cache, 7)
                assert not await is_hit(cache, 8)
                assert (await state(cache)).failures == failures
            if fault == "paused":
                own.resume()
            elif fault == "killed":
                own.start()
            proxy.fault = "none"
            await wait_until_usable(cache)
            async with open_shared(url_of(own)) as other:
                await store(other, 9)
            assert await is_hit(cache, 9)
    assert len([line for line in warnings(caplog.records) if "is not usable" in line]) == 1


async def test_damaged_answers_of_the_network_are_misses(redis: RedisProcess) -> None:
    async with faulty_proxy(redis.port) as proxy, open_shared(url_of(redis)) as first:
        await store(first, *range(10))
        async with open_shared(url_of(proxy)) as second:
            proxy.fault = "damaged"
            assert not any([await is_hit(second, number) for number in range(10)])
            assert (await state(second)).damaged >= 10
            proxy.fault = "none"
            assert await is_hit(second, 1)


async def test_full_store_drops_writes_but_answers_reads(caplog: pytest.LogCaptureFixture) -> None:
    with running_redis("--maxmemory-policy", "noeviction") as own:
        async with open_shared(url_of(own)) as first:
            await store(first, 1)
            own.command("CONFIG", "SET", "maxmemory", "1")
            await store(first, *range(2, 12))
            shared = await state(first)
            assert (shared.stored, shared.dropped, shared.problem) == (1, 10, "")
            async with open_shared(url_of(own)) as second:
                assert await is_hit(second, 1)
                assert not await is_hit(second, 2)
                assert await second.claim(phrase_key(3))
    (line,) = [line for line in warnings(caplog.records) if "does not store" in line]
    assert "maxmemory" in line


async def test_late_answer_is_used_for_the_next_lookup(redis: RedisProcess) -> None:
    async with open_shared(url_of(redis)) as first:
        await store(first, 1)
    async with faulty_proxy(redis.port) as proxy, open_shared(url_of(proxy)) as cache:
        proxy.fault, proxy.slow_seconds = "slow", LATE_SECONDS
        with short_deadline(cache):
            assert not await cache.has(phrase_key(1))

        async def is_local() -> bool:
            return await cache._local.has(phrase_key(1))

        await until(is_local)
        assert await is_hit(cache, 1)


async def test_writes_beyond_the_queue_are_dropped_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "CALL_TIMEOUT_SECONDS", 60.0)
    with running_redis() as own:
        async with open_shared(url_of(own)) as cache:
            own.pause()
            second = noise(1, 24_000)
            count = 3 * MAX_QUEUED_BYTES // second.nbytes
            await asyncio.gather(
                *(asyncio.to_thread(cache.put, phrase_key(number), second, 0.5) for number in range(count))
            )
            assert (await state(cache)).dropped >= count // 2
            own.resume()
            await cache.flush()
            shared = await state(cache)
            assert shared.stored + shared.dropped == count
            assert shared.stored > count // 10


async def test_store_that_is_away_at_the_start_is_used_later(caplog: pytest.LogCaptureFixture) -> None:
    with running_redis() as own:
        own.kill()
        async with open_shared(url_of(own)) as cache:
            assert "refused" in (await state(cache)).problem
            await store(cache, 1)
            assert await is_hit(cache, 1)
            assert not await is_hit(cache, 2)
            own.start()
            await wait_until_usable(cache)
            await store(cache, 3)
            assert (await state(cache)).stored == 1


@pytest.mark.slow  # waits for the timeout
async def test_closing_does_not_wait_for_a_suspended_store() -> None:
    with running_redis() as own:
        async with open_shared(url_of(own)) as cache:
            own.pause()
            cache.put(phrase_key(1), noise(1), 0.5)
        own.resume()


@pytest.mark.slow  # the store loads slowly
async def test_store_that_loads_its_data_is_used_afterwards(tmp_path: Path) -> None:
    with running_redis("--dir", str(tmp_path)) as own:
        async with open_shared(url_of(own)) as first:
            await store(first, *range(500))
        own.command("SAVE")
    # A key takes 0.1 s, until the delay is removed.
    slow = ("--key-load-delay", "100000", "--loading-process-events-interval-bytes", "1024")
    with running_redis("--dir", str(tmp_path), *slow) as own:
        async with open_shared(url_of(own)) as cache:
            assert "loading" in (await state(cache)).problem
            assert not await is_hit(cache, 1)
            own.command("CONFIG", "SET", "key-load-delay", "0")
            await wait_until_usable(cache)
            assert await is_hit(cache, 2)
