"""Servers that share phrases over a real redis-server, which may fail."""

from __future__ import annotations

import asyncio
import logging
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.phrase_cache_fixtures import LOG, is_hit, noise, phrase_key, text_key, until, warnings
from tests.helpers.servers.redis import needs_redis
from tools.scaling.redis_process import FaultyProxy, RedisProcess, faulty_proxy, running_redis
from tools.scaling.reserved_port import reserved_port
from wyoming_kokoro import PhraseCache, SharedCacheStats
from wyoming_kokoro_phrase_cache.sqlite_tier import SqliteTier
from wyoming_kokoro_phrase_cache.store import Limits
from wyoming_kokoro_phrase_cache.tiers import TieredPhraseCache
from wyoming_kokoro_redis import shared_cache
from wyoming_kokoro_redis.address import parse_address
from wyoming_kokoro_redis.client import CLAIM_MS, MAX_VALUE_BYTES, PREFIX
from wyoming_kokoro_redis.shared_cache import SharedPhraseCache
from wyoming_kokoro_redis.store import MAX_QUEUED_BYTES, SharedStore

pytestmark = needs_redis
# A loaded machine needs more than the default of 20 ms.
READ_TIMEOUT_SECONDS = 0.5
SECRET = "correct-horse"
# `docs/shared-cache.md` names them.
PERMISSIONS = "+get +getrange +set +del +unlink +scan +select +info"


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisProcess]:
    with running_redis() as process:
        yield process


@pytest.fixture(autouse=True)
def empty_store(redis: RedisProcess) -> None:
    redis.command("FLUSHALL")


@asynccontextmanager
async def open_shared(
    url: str, *, machine: str = "machine", memory: int = 10_000_000, timeout: float = READ_TIMEOUT_SECONDS
) -> AsyncIterator[SharedPhraseCache]:
    """Open the cache of one server: only memory, and the store at `url`. Wait until it has tried to connect."""
    local = TieredPhraseCache(memory, SqliteTier(Path(), Limits(0, 1), lambda: 0.0, LOG))
    log = logging.getLogger("wyoming_kokoro.plugins.redis")
    cache = SharedPhraseCache(local, machine, SharedStore(parse_address(url, "a test", "url"), timeout, log))
    await cache.open()
    await cache.stats()
    try:
        yield cache
    finally:
        await cache.close()


def url_of(server: RedisProcess | FaultyProxy) -> str:
    return f"redis://127.0.0.1:{server.port}"


async def state(cache: PhraseCache) -> SharedCacheStats:
    shared = (await cache.stats()).shared
    assert shared
    return shared


async def store(cache: PhraseCache, *numbers: int) -> None:
    """Put phrases, and wait until they are stored."""
    for number in numbers:
        cache.put(phrase_key(number), noise(number), 0.5)
    await cache.flush()


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
        assert 9000 < int(redis.command("PTTL", keys(redis)[0])[1:].split()[0]) <= 10_000
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
    async with faulty_proxy(redis.port) as proxy, open_shared(url_of(proxy), timeout=60) as cache:
        proxy.fault = "silent"
        looking = asyncio.create_task(lookup(cache, phrase_key(1)))
        await until(lambda: has_keys(redis))
        looking.cancel()
        await asyncio.wait([looking])
        assert looking.cancelled()
        proxy.fault = "none"
        await until(lambda: has_keys(redis, False), CLAIM_MS / 2000)


async def test_release_ends_the_claim_of_a_lookup_that_is_late(redis: RedisProcess) -> None:
    async with faulty_proxy(redis.port) as proxy, open_shared(url_of(proxy), timeout=0.1) as cache:
        proxy.fault = "silent"
        assert not await is_hit(cache, 1)
        cache.release(phrase_key(1))
        await until(lambda: has_keys(redis))
        proxy.fault = "none"
        await until(lambda: has_keys(redis, False), CLAIM_MS / 2000)


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
    async with open_shared(url_of(redis), timeout=10) as cache:
        await store(cache, 1)
        (key,) = keys(redis)
        redis.command("SETRANGE", key, str(4 * MAX_VALUE_BYTES), "end")
        client = cache._store._client
        assert client
        value = await asyncio.to_thread(client.get, key.removeprefix(PREFIX))
        assert value
        assert len(value) == MAX_VALUE_BYTES
    async with open_shared(url_of(redis), timeout=10) as other:
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


# Failures


async def wait_until_usable(cache: PhraseCache, *, usable: bool = True) -> None:
    async def has_state() -> bool:
        return (not (await state(cache)).problem) is usable

    await until(has_state, 60)


SLOW = pytest.mark.slow  # takes seconds, and repeats the path of the other faults
FAULTS = ("killed", "paused", *(pytest.param(fault, marks=SLOW) for fault in ("slow", "junk", "refused")))


@pytest.mark.parametrize("fault", FAULTS)
async def test_failing_store_opens_the_circuit_and_is_used_again(
    redis: RedisProcess, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    with running_redis() as own:
        async with faulty_proxy(own.port) as proxy, open_shared(url_of(proxy), timeout=0.1) as cache:
            await store(cache, 1)
            if fault == "paused":
                own.pause()
            elif fault == "killed":
                own.kill()
            else:
                proxy.fault = fault  # type: ignore[assignment]
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
    async with faulty_proxy(redis.port) as proxy, open_shared(url_of(proxy), timeout=0.1) as cache:
        proxy.fault = "slow"
        assert not await cache.has(phrase_key(1))

        async def is_local() -> bool:
            return await cache._local.has(phrase_key(1))

        await until(is_local)
        assert await is_hit(cache, 1)


async def test_writes_beyond_the_queue_are_dropped_and_counted(redis: RedisProcess) -> None:
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
            began = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - began < 20
        own.resume()


# Addresses and logins


async def shares(url: str) -> None:
    """Check that two servers share a phrase over the store at `url`."""
    async with open_shared(url) as first, open_shared(url) as second:
        assert (await state(first)).problem == ""
        await store(first, 1)
        assert (await state(first)).stored == 1
        assert await is_hit(second, 1)
        assert await second.claim(phrase_key(2))
        assert await first.clear() == 1
        assert SECRET not in str(await state(first))


def login_rules(user: str, permissions: str) -> tuple[str, ...]:
    others = () if user == "default" else ("--user", "default", "off")
    return (*others, "--user", user, "on", f">{SECRET}", "~wyoming-kokoro:*", *permissions.split())


@pytest.mark.parametrize("user", ["", "kokoro"])
async def test_password_and_acl_user_log_in(user: str) -> None:
    with running_redis(*login_rules(user or "default", "+@all")) as own:
        await shares(f"redis://{user}:{SECRET}@127.0.0.1:{own.port}/2")


async def test_user_with_the_documented_permissions_suffices() -> None:
    with running_redis(*login_rules("kokoro", PERMISSIONS)) as own:
        await shares(f"redis://kokoro:{SECRET}@127.0.0.1:{own.port}")


async def test_user_without_info_is_accepted() -> None:
    with running_redis(*login_rules("kokoro", PERMISSIONS.replace(" +info", ""))) as own:
        await shares(f"redis://kokoro:{SECRET}@127.0.0.1:{own.port}")


@pytest.mark.parametrize("permission", ["get", "getrange", "set", "del"])
async def test_missing_permission_is_reported(permission: str) -> None:
    with running_redis(*login_rules("kokoro", PERMISSIONS.replace(f"+{permission} ", ""))) as own:
        async with open_shared(f"redis://kokoro:{SECRET}@127.0.0.1:{own.port}") as cache:
            shared = await state(cache)
            assert f"'{permission}'" in (shared.problem or shared.write_problem)
            assert bool(shared.problem) is (permission == "getrange")
            await store(cache, 1)
            assert not await is_hit(cache, 2)


async def test_replica_of_redis_answers_lookups_and_reports_that_it_accepts_nothing() -> None:
    master = running_redis("--repl-diskless-sync-delay", "0")
    with master as own, running_redis("--replicaof", f"127.0.0.1 {own.port}") as replica:

        async def is_in_sync() -> bool:
            return b"master_link_status:up" in replica.command("INFO", "replication")

        async with open_shared(url_of(own)) as first:
            await store(first, 1)
        await until(is_in_sync)
        async with open_shared(url_of(replica)) as second:
            assert await is_hit(second, 1)
            assert "read only" in (await state(second)).write_problem
            await store(second, 2)
            assert (await state(second)).dropped == 1
            replica.command("REPLICAOF", "NO", "ONE")
            await store(second, 3)
            shared = await state(second)
            assert (shared.stored, shared.problem, shared.write_problem) == (1, "", "")


@pytest.mark.parametrize("login", ["", f":{SECRET}x@", f"stranger:{SECRET}@"])
async def test_rejected_login_is_reported_without_secrets(login: str, caplog: pytest.LogCaptureFixture) -> None:
    with running_redis("--requirepass", SECRET) as own, caplog.at_level("DEBUG"):
        async with open_shared(f"redis://{login}127.0.0.1:{own.port}") as cache:
            assert (await state(cache)).problem
            assert not await is_hit(cache, 1)
    assert SECRET not in caplog.text
    assert len(warnings(caplog.records)) == 1


async def test_error_that_quotes_the_password_is_shown_without_it() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await reader.read(1 << 16):
            writer.write(b"-ERR unknown command, with args: " + request.replace(b"\r\n", b" ") + b"\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with open_shared(f"redis://:{SECRET}@127.0.0.1:{port}") as cache:
        problem = (await state(cache)).problem
    server.close()
    assert "unknown command" in problem
    assert SECRET not in problem


async def test_unix_socket_is_used(tmp_path: Path) -> None:
    with running_redis("--unixsocket", str(tmp_path / "redis.sock")) as own:
        await shares(f"unix://{tmp_path / 'redis.sock'}")
        async with open_shared(f"unix://{tmp_path / 'redis.sock'}?db=3") as cache:
            await store(cache, 1)
        assert b"db3:keys=1" in own.command("INFO", "keyspace")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a self-signed certificate for 127.0.0.1; its key is beside it."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    file = tmp_path_factory.mktemp("tls") / "store.crt"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=store"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-out", str(file), "-keyout", str(file.with_suffix(".key"))]
    subprocess.run(command, check=True, capture_output=True)
    return file


def tls_options(certificate: Path, port: int) -> tuple[str, ...]:
    files = ("--tls-cert-file", str(certificate), "--tls-key-file", str(certificate.with_suffix(".key")))
    return ("--tls-port", str(port), *files, "--tls-auth-clients", "no")


async def test_tls_verifies_the_certificate(certificate: Path) -> None:
    with reserved_port() as port, running_redis(*tls_options(certificate, port), "--requirepass", SECRET):
        url = f"rediss://:{SECRET}@127.0.0.1:{port}"
        await shares(f"{url}?ssl_ca_certs={certificate}")
        async with open_shared(url) as cache:
            assert "certificate verify failed" in (await state(cache)).problem
        async with open_shared(f"{url}?ssl_ca_certs={certificate.with_name('missing')}") as cache:
            assert "No such file" in (await state(cache)).problem
        await shares(f"{url}?ssl_cert_reqs=none")


async def test_sentinel_names_the_store(tmp_path: Path) -> None:
    file = tmp_path / "sentinel.conf"
    with reserved_port() as sentinel_port, running_redis("--requirepass", SECRET) as own:
        lines = [f"port {sentinel_port}", f"sentinel monitor voices 127.0.0.1 {own.port} 1"]
        file.write_text("\n".join([*lines, f"sentinel auth-pass voices {SECRET}"]))
        sentinel = RedisProcess(sentinel_port, (str(file), "--sentinel"))
        sentinel.start()
        try:
            await shares(f"redis+sentinel://:{SECRET}@127.0.0.1:{sentinel_port}/voices")
        finally:
            sentinel.kill()


@pytest.mark.slow  # Sentinel takes seconds to promote the replica
async def test_sentinel_promotes_the_replica_of_a_killed_store(tmp_path: Path) -> None:
    file = tmp_path / "sentinel.conf"
    with (
        reserved_port() as sentinel_port,
        running_redis() as own,
        running_redis("--replicaof", f"127.0.0.1 {own.port}"),
    ):
        lines = [f"port {sentinel_port}", f"sentinel monitor voices 127.0.0.1 {own.port} 1"]
        lines += ["sentinel down-after-milliseconds voices 500", "sentinel failover-timeout voices 2000"]
        file.write_text("\n".join(lines))
        sentinel = RedisProcess(sentinel_port, (str(file), "--sentinel"))
        sentinel.start()
        try:

            async def knows_the_replica() -> bool:
                return b"num-slaves\r\n$1\r\n1" in sentinel.command("SENTINEL", "MASTER", "voices")

            await until(knows_the_replica, 30)
            async with open_shared(f"redis+sentinel://127.0.0.1:{sentinel_port}/voices") as cache:
                await store(cache, 1)
                own.kill()
                for number in range(2, 6):
                    assert not await is_hit(cache, number)
                assert (await state(cache)).problem
                await wait_until_usable(cache)

                async def stores_again() -> bool:
                    await store(cache, 7)
                    return (await state(cache)).stored >= 2

                await until(stores_again, 60)
        finally:
            sentinel.kill()


@pytest.mark.slow  # the store loads slowly
async def test_store_that_loads_its_data_is_used_afterwards(tmp_path: Path) -> None:
    with running_redis("--dir", str(tmp_path)) as own:
        async with open_shared(url_of(own)) as first:
            await store(first, *range(50))
        own.command("SAVE")
    # A key takes 0.1 s.
    slow = ("--key-load-delay", "100000", "--loading-process-events-interval-bytes", "1024")
    with running_redis("--dir", str(tmp_path), *slow) as own:
        async with open_shared(url_of(own)) as cache:
            assert "loading" in (await state(cache)).problem
            assert not await is_hit(cache, 1)
            await wait_until_usable(cache)
            assert await is_hit(cache, 2)


@pytest.mark.slow  # a cluster takes two seconds to be ready
async def test_cluster_holds_the_phrases() -> None:
    with running_redis("--cluster-enabled", "yes") as own:
        own.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383")

        async def is_ready() -> bool:
            return b"cluster_state:ok" in own.command("CLUSTER", "INFO")

        await until(is_ready)
        await shares(f"redis+cluster://127.0.0.1:{own.port}")


async def test_put_copies_the_samples(redis: RedisProcess) -> None:
    async with open_shared(url_of(redis)) as first, open_shared(url_of(redis)) as second:
        pcm = noise(1)
        first.put(phrase_key(1), pcm, 0.5)
        pcm[:] = 0
        await first.flush()
        assert await is_hit(second, 1)
