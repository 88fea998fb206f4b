"""Fake servers on loopback addresses behind a real HAProxy with `deploy/haproxy.cfg`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.helpers.servers.protocol_fakes import Client, FakeSpeechService, open_listener
from tools.scaling.haproxy_process import (
    BALANCER_NETWORK,
    HAPROXY,
    REPLICA_HOSTS,
    Balancer,
    run_haproxy,
)
from tools.scaling.reserved_port import reserved_port
from wyoming_kokoro.server.listener import Listener
from wyoming_kokoro.testing import FakeServer
from wyoming_kokoro_dashboard import dashboard_service
from wyoming_kokoro_dashboard.context import DashboardContext
from wyoming_kokoro_dashboard.settings import Settings

LOG = logging.getLogger("wyoming_kokoro.plugins.dashboard")

needs_haproxy = pytest.mark.skipif(HAPROXY is None, reason="needs HAProxy: apt-get install haproxy")


@dataclass(frozen=True, slots=True)
class Replica:
    """A server without a model, and its dashboard."""

    service: FakeSpeechService
    listener: Listener
    server: FakeServer


@dataclass(slots=True)
class BalancedServers:
    balancer: Balancer
    replicas: list[Replica] = field(default_factory=list)

    async def connect(self, address: str = "127.0.0.1") -> Client:
        """Connect to HAProxy from the loopback `address`."""
        return Client(*await asyncio.open_connection("127.0.0.1", self.balancer.port, local_addr=(address, 0)))

    async def request(self) -> int:
        """Send a request and return the number of the replica that answers it. The audio must be complete."""
        before = [len(replica.service.utterances) for replica in self.replicas]
        client = await self.connect()
        await client.synthesize("hi")
        await client.read_until("audio-stop")
        await client.close()
        after = [len(replica.service.utterances) for replica in self.replicas]
        (number,) = [number for number, counts in enumerate(zip(before, after, strict=True)) if counts[0] != counts[1]]
        return number

    async def wait_for_status(self, *prefixes: str) -> None:
        """Wait until the status of each replica begins with its prefix."""
        for number, prefix in enumerate(prefixes, 1):
            await asyncio.to_thread(self.balancer.wait_for_status, f"replica-{number}", prefix)


@asynccontextmanager
async def balanced_servers(
    folder: Path, hosts: Sequence[str] = REPLICA_HOSTS[:2], backup: str = ""
) -> AsyncIterator[BalancedServers]:
    """Run fake servers on `hosts`, and on `backup` if it is not empty, behind HAProxy."""
    async with AsyncExitStack() as stack:
        port, dashboard_port = stack.enter_context(reserved_port()), stack.enter_context(reserved_port())
        servers = BalancedServers(Balancer(0, folder))
        for host in filter(None, (*hosts, backup)):
            service, server = FakeSpeechService(), FakeServer()
            listening = open_listener(service, f"tcp://{host}:{port}", proxies=(BALANCER_NETWORK,))
            listener = await stack.enter_async_context(listening)
            dashboard = dashboard_service(DashboardContext(server, Settings(host, dashboard_port), LOG))
            await stack.enter_async_context(dashboard)
            await dashboard.is_listening.wait()
            servers.replicas.append(Replica(service, listener, server))
        servers.balancer = stack.enter_context(run_haproxy(folder, port, dashboard_port, hosts))
        yield servers
