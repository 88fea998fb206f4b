"""Addresses, logins and kinds of real stores."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.helpers.phrase_cache_fixtures import is_hit, phrase_key, until, warnings
from tests.helpers.servers.redis import needs_redis
from tests.helpers.servers.shared_cache import open_shared, state, store, url_of, wait_until_usable
from tools.scaling.redis_process import RedisProcess, running_redis
from tools.scaling.reserved_port import reserved_port

pytestmark = needs_redis
SECRET = "correct-horse"
# `docs/shared-cache.md` names them.
PERMISSIONS = "+get +getrange +set +del +unlink +scan +select +info"


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
            # The link may be up before what was just written has arrived.
            is_linked = b"master_link_status:up" in replica.command("INFO", "replication")
            return is_linked and replica.command("DBSIZE") == own.command("DBSIZE")

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
        # The lookups that fail must end before the store is back.
        lines += ["sentinel down-after-milliseconds voices 3000", "sentinel failover-timeout voices 2000"]
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


@pytest.mark.slow  # a cluster takes two seconds to be ready
async def test_cluster_holds_the_phrases() -> None:
    # By default, its servers talk to each other on a port that is higher by 10,000, which may be taken or too high.
    with reserved_port() as bus_port, running_redis("--cluster-enabled", "yes", "--cluster-port", str(bus_port)) as own:
        own.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383")

        async def is_ready() -> bool:
            return b"cluster_state:ok" in own.command("CLUSTER", "INFO")

        await until(is_ready)
        await shares(f"redis+cluster://127.0.0.1:{own.port}")
