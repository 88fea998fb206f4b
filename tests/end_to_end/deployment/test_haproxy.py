"""`deploy/haproxy.cfg` in a real HAProxy, before servers without a model."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest

from tests.helpers.network.balanced_servers import balanced_servers, needs_haproxy
from tests.helpers.servers.protocol_fakes import event_types
from tools.scaling.haproxy_process import BACKUP_HOST, CONFIG, HAPROXY, REPLICA_HOSTS

pytestmark = needs_haproxy


def test_configuration_is_valid() -> None:
    assert HAPROXY
    checked = subprocess.run([HAPROXY, "-c", "-f", str(CONFIG)], check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    assert "WARNING" not in checked.stderr


async def test_requests_are_spread_and_keep_the_address_of_the_client(tmp_path: Path) -> None:
    async with balanced_servers(tmp_path) as servers:
        await servers.wait_for_status("UP", "UP")
        clients = [await servers.connect(f"127.0.0.{number}") for number in range(21, 25)]
        for client in clients:
            await client.start_stream("hi ")
            await client.read_until("audio-chunk")
        seen = [replica.service.clients for replica in servers.replicas]
        assert [len(addresses) for addresses in seen] == [2, 2]
        assert set.union(*seen) == {f"127.0.0.{number}" for number in range(21, 25)}
        for client in clients:
            await client.close()


async def test_overloaded_server_gets_no_new_requests_until_it_recovers(tmp_path: Path) -> None:
    """Its running streams continue. If all are overloaded, requests wait there as they do without a balancer."""
    async with balanced_servers(tmp_path) as servers:
        first, second = servers.replicas
        await servers.wait_for_status("UP", "UP")
        running = await servers.connect()
        await running.start_stream("one ")
        await running.read_until("audio-chunk")
        overloaded, other = (first, second) if first.service.utterances else (second, first)
        overloaded.server.is_overloaded = True
        names = ("NOLB", "UP") if overloaded is first else ("UP", "NOLB")
        await servers.wait_for_status(*names)
        assert {await servers.request() for _ in range(4)} == {servers.replicas.index(other)}
        await running.send("synthesize-chunk", text="two ")
        await running.send("synthesize-stop")
        assert event_types(await running.read_until("synthesize-stopped"))[-1] == "synthesize-stopped"
        await running.close()

        other.server.is_overloaded = True
        await servers.wait_for_status("NOLB", "NOLB")
        assert {await servers.request() for _ in range(4)} == {0, 1}

        overloaded.server.is_overloaded = other.server.is_overloaded = False
        await servers.wait_for_status("UP", "UP")
        assert {await servers.request() for _ in range(4)} == {0, 1}


async def test_stopped_server_refuses_no_request(tmp_path: Path) -> None:
    """HAProxy tries the next server at once, and does not wait for a health check."""
    async with balanced_servers(tmp_path) as servers:
        await servers.wait_for_status("UP", "UP")
        await servers.replicas[0].listener.drain(0)
        assert {await servers.request() for _ in range(6)} == {1}
        await servers.wait_for_status("DOWN", "UP")
        assert await servers.request() == 1


@pytest.mark.slow
async def test_backup_serves_only_while_no_replica_can(tmp_path: Path) -> None:
    async with balanced_servers(tmp_path, REPLICA_HOSTS[:1], BACKUP_HOST) as servers:
        await asyncio.to_thread(servers.balancer.wait_for_status, "backup", "UP")
        assert {await servers.request() for _ in range(4)} == {0}
        servers.replicas[0].server.is_overloaded = True
        await servers.wait_for_status("NOLB")
        assert await servers.request() == 1
        servers.replicas[0].server.is_overloaded = False
        await servers.wait_for_status("UP")
        assert await servers.request() == 0
        await servers.replicas[0].listener.drain(0)
        assert await servers.request() == 1


async def test_drained_server_finishes_its_streams(tmp_path: Path) -> None:
    """The commands of docs/scaling.md for maintenance."""
    async with balanced_servers(tmp_path) as servers:
        await servers.wait_for_status("UP", "UP")
        streams = [await servers.connect() for _ in range(2)]
        for stream in streams:
            await stream.start_stream("one ")
            await stream.read_until("audio-chunk")
        await asyncio.to_thread(servers.balancer.command, "set server kokoro/replica-1 state drain")
        assert {await servers.request() for _ in range(4)} == {1}
        for stream in streams:
            await stream.send("synthesize-stop")
            await stream.read_until("synthesize-stopped")
            await stream.close()
        await asyncio.to_thread(servers.balancer.command, "set server kokoro/replica-1 state ready")
        await servers.wait_for_status("UP", "UP")
        assert 0 in {await servers.request() for _ in range(4)}
