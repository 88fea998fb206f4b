"""The data of the dashboard as JSON."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from tests.helpers.servers.dashboard import MODELS, STAGES, busy_server, running_dashboard
from wyoming_kokoro.api.metrics import Advice
from wyoming_kokoro.testing import FakeServer
from wyoming_kokoro_dashboard.settings import Settings
from wyoming_kokoro_dashboard.snapshot import Snapshot


async def test_json_contains_every_field() -> None:
    server = busy_server()
    async with running_dashboard(server) as dashboard:
        response = await dashboard.get("/api/snapshot")
    snapshot = msgspec.json.decode(response.content, type=Snapshot, strict=False)
    assert snapshot.metrics == server.metrics
    assert snapshot.stages == STAGES
    assert snapshot.models == MODELS
    assert {row.reason for row in snapshot.metrics.selections} <= snapshot.selection_reasons.keys()
    assert (snapshot.active_requests, snapshot.waiting_syntheses, snapshot.is_ready) == (1, 2, True)
    assert snapshot.cache == server.phrase_cache_stats
    assert snapshot.timeline == server.timeline
    assert snapshot.resident_bytes > 10_000_000


async def test_memory_contains_that_of_child_processes() -> None:
    """Providers run in some of them."""
    code = "block = bytearray(b'x' * 200_000_000); print(flush=True); input()"
    async with running_dashboard() as dashboard:
        before = (await dashboard.get("/api/snapshot")).json()["resident_bytes"]
        child = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdin=PIPE, stdout=PIPE)
        assert child.stdout
        await child.stdout.readline()
        during = (await dashboard.get("/api/snapshot")).json()["resident_bytes"]
        child.kill()
        await child.wait()
    assert during > before + 150_000_000


async def test_requests_before_the_given_time_are_omitted() -> None:
    server = busy_server()
    async with running_dashboard(server) as dashboard:
        last = server.metrics.recent_requests[-1].ended_at
        for after, count in ((0, 3), (last, 0), (last + 1, 0)):
            response = await dashboard.get(f"/api/snapshot?after={after!r}")
            assert len(response.json()["metrics"]["recent_requests"]) == count


@pytest.mark.parametrize("after", ["", "x", "nan", "inf", "1e999", "[]"])
async def test_invalid_time_is_rejected(after: str) -> None:
    async with running_dashboard() as dashboard:
        response = await dashboard.get(f"/api/snapshot?after={after}")
        assert (response.status_code, "Unix time" in response.text) == (400, True)


async def test_cache_statistics_are_read_once_in_ten_seconds() -> None:
    class CountingServer(FakeServer):
        reads = 0

        async def cache_stats(self) -> Any:
            CountingServer.reads += 1
            return await super().cache_stats()

    async with running_dashboard(CountingServer()) as dashboard:
        for _ in range(5):
            await dashboard.get("/metrics")
            await dashboard.get("/api/snapshot")
    assert CountingServer.reads == 1


def test_only_loopback_is_local() -> None:
    local = {host for host in ("127.0.0.1", "::1", "localhost", "", "0.0.0.0", "::") if Settings(host).is_local}
    assert local == {"127.0.0.1", "::1", "localhost"}


@pytest.mark.parametrize(("host", "with_text"), [("127.0.0.1", True), ("0.0.0.0", False)])
async def test_advice_quotes_speech_only_where_no_other_machine_can_read_it(host: str, with_text: bool) -> None:
    class QuotingServer(FakeServer):
        async def advice(self, *, with_text: bool) -> Sequence[Advice]:
            return [Advice("hit-rate", "“The … is open”" if with_text else "the same template", "Add the names.")]

    async with running_dashboard(QuotingServer(), host=host) as dashboard:
        response = await dashboard.get("/api/advice")
    assert ("is open" in response.text) is with_text


async def test_advice_of_the_server_is_returned() -> None:
    advice = Advice("memory", "Memory was short 3 times.", "Add some.")
    async with running_dashboard(busy_server(recommendations=[advice])) as dashboard:
        response = await dashboard.get("/api/advice")
    assert response.json() == {
        "advice": [{"topic": "memory", "finding": "Memory was short 3 times.", "action": "Add some."}]
    }
