from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.fake_clock import FakeClock
from tests.helpers.servers.protocol_fakes import (
    AUDIO_CYCLE,
    TIMEOUT_SECONDS,
    Client,
    FakeSpeechService,
    connect,
    connect_to,
    event_types,
    has_ipv6,
    is_served,
    open_listener,
)
from tests.helpers.waiting import wait_until
from wyoming_kokoro.api.observations import ConnectionRejected
from wyoming_kokoro.errors import ConfigError, ConnectionTimeout


async def test_client_outside_the_allowed_networks_is_rejected() -> None:
    """Also from the loopback interface."""
    async with (
        open_listener(FakeSpeechService(), allowed_networks=("192.0.2.0/24",)) as listener,
        connect(listener) as client,
    ):
        await client.send("describe")
        (error,) = await client.read_all()
        assert error.data["code"] == "not-allowed"


async def test_client_in_an_allowed_network_is_served() -> None:
    """A network may be written with the address of a host."""
    async with open_listener(FakeSpeechService(), allowed_networks=("192.0.2.0/24", "127.0.0.9/8")) as listener:
        assert await is_served("127.0.0.1", listener.addresses[0].port)


@has_ipv6
async def test_ipv4_network_applies_to_ipv4_clients_of_a_dual_stack_port() -> None:
    """The socket sees the client as `::ffff:127.0.0.1`."""
    async with open_listener(FakeSpeechService(), "tcp://:0", allowed_networks=("127.0.0.0/8",)) as listener:
        port = listener.addresses[0].port
        assert await is_served("127.0.0.1", port)
        async with connect_to(port, "::1") as client:
            assert [event.data["code"] for event in await client.read_all()] == ["not-allowed"]


async def test_invalid_network_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError, match=r"server\.allowed_networks: 'home' is not a network; write it as"):
        async with open_listener(FakeSpeechService(), allowed_networks=("home",)):
            pass


@pytest.mark.parametrize("key", ["max_connections", "max_connections_per_client"])
async def test_connection_over_the_limit_is_rejected_if_all_are_busy(key: str) -> None:
    """A closed connection makes room again."""
    limits: dict[str, Any] = {key: 3}
    service = FakeSpeechService()
    service.may_speak.clear()
    async with open_listener(service, **limits) as listener:
        address = listener.addresses[0]
        clients = [Client(*await asyncio.open_connection(address.host, address.port)) for _ in range(3)]
        for client in clients:
            await client.synthesize("hello")
            await client.ping()
        async with connect(listener) as rejected:
            (error,) = await rejected.read_all()
            assert error.data["code"] == "too-many-connections"
            assert f"server.{key})" in error.data["text"]
        await clients.pop().close()
        await wait_until(service.utterances[-1].closed.is_set)
        has_room = False
        while not has_room:
            async with connect(listener) as client:
                await client.send("ping")
                answer = await client.read()
                has_room = answer is not None and answer.type == "pong"
        for client in clients:
            await client.close()


@pytest.mark.parametrize("key", ["max_connections", "max_connections_per_client"])
async def test_connection_over_the_limit_displaces_the_one_that_is_idle_longest(key: str) -> None:
    limits: dict[str, Any] = {key: 3}
    service = FakeSpeechService()
    service.may_speak.clear()
    rejected: list[object] = []
    async with (
        open_listener(service, observe=rejected.append, **limits) as listener,
        connect(listener) as busy,
        connect(listener) as active,
        connect(listener) as silent,
    ):
        await busy.synthesize("hello")
        for client in (busy, silent, active):
            await client.ping()
        async with connect(listener) as new:
            await new.ping()
            assert await silent.read_all() == []
            await active.ping()
            service.may_speak.set()
            assert event_types(await busy.read_until("audio-stop")) == AUDIO_CYCLE
    assert ConnectionRejected("wyoming", "displaced") in rejected


@pytest.mark.skipif(sys.platform != "linux", reason="needs more than one loopback address")
async def test_crowd_of_two_addresses_does_not_shut_out_a_third() -> None:
    """The address with most connections gives up the one that is idle longest."""
    async with open_listener(FakeSpeechService(), max_connections=6) as listener:
        port = listener.addresses[0].port

        async def connect_from(host: str) -> Client:
            client = Client(*await asyncio.open_connection("127.0.0.1", port, local_addr=(host, 0)))
            await client.ping()
            return client

        crowd = [await connect_from(host) for host in ("127.0.0.2", "127.0.0.3", *4 * ("127.0.0.4",))]
        new = await connect_from("127.0.0.1")
        assert await crowd[2].read_all() == []
        await crowd.pop(2).close()
        for client in (*crowd, new):
            await client.ping()
            await client.close()


@pytest.mark.skipif(sys.platform != "linux", reason="needs more than one loopback address")
async def test_burst_of_connections_ends_at_the_door(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other clients are served meanwhile, and the log has one line of it."""
    monkeypatch.setattr("wyoming_kokoro.clients.registry.CONNECTION_BURST", 50)
    monkeypatch.setattr("wyoming_kokoro.clients.registry.CONNECTIONS_PER_SECOND", 1)
    rejected: list[object] = []
    async with open_listener(FakeSpeechService(), observe=rejected.append) as listener:
        port = listener.addresses[0].port
        opening = [asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.0.2", 0)) for _ in range(200)]
        burst = asyncio.gather(*opening, return_exceptions=True)
        assert await is_served("127.0.0.1", port)
        for opened in await burst:
            if isinstance(opened, tuple):
                opened[1].transport.abort()
        await wait_until(lambda: rejected.count(ConnectionRejected("wyoming", "too-many-connections")) >= 150)
    assert [record.getMessage() for record in caplog.records] == [
        "Closed the connection of 127.0.0.2: it opens too many connections in a short time"
    ]


async def test_client_of_a_unix_socket_may_have_a_path(tmp_path: Path) -> None:
    """The path is no IP address, which networks and limits compare."""
    path = tmp_path / "server"
    networks = ("192.0.2.0/24",)
    async with open_listener(FakeSpeechService(), f"unix://{path}", proxies=networks, allowed_networks=networks):
        for name in ("client", ""):
            sock = socket.socket(socket.AF_UNIX)
            if name:
                sock.bind(str(tmp_path / name))
            sock.connect(str(path))
            client = Client(*await asyncio.open_unix_connection(sock=sock))
            await client.ping()
            await client.close()


async def test_request_over_the_limit_of_its_client_fails() -> None:
    """The limit counts all connections of an address. A finished request makes room again."""
    service = FakeSpeechService()
    service.may_speak.clear()
    async with open_listener(service, max_requests_per_client=2) as listener:
        async with connect(listener) as one, connect(listener) as two, connect(listener) as three:
            for client in (one, two):
                await client.synthesize("hello")
                await client.ping()
            await three.start_stream("hello ")
            await three.send("synthesize-stop")
            events = await three.read_all()
            assert event_types(events) == ["error", "synthesize-stopped"]
            assert events[0].data["code"] == "too-many-requests"
            service.may_speak.set()
            for client in (one, two):
                await client.read_until("audio-stop")
        assert await is_served("127.0.0.1", listener.addresses[0].port)


async def test_event_over_the_limit_is_an_error() -> None:
    async with open_listener(FakeSpeechService(), max_event_bytes=1024) as listener, connect(listener) as client:
        await client.synthesize("x" * 900)
        await client.read_until("audio-stop")
        await client.synthesize("x" * 1024)
        (error,) = await client.read_all()
        assert error.data["code"] == "event-too-long"
        assert "server.max_event_bytes" in error.data["text"]


async def test_idle_connection_is_closed_after_the_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests and pings restart the timeout."""
    service = FakeSpeechService()
    loop = asyncio.get_running_loop()
    real_time, skipped = loop.time, FakeClock()
    monkeypatch.setattr(loop, "time", lambda: real_time() + skipped())
    async with open_listener(service, connection_timeout_seconds=1000) as listener, connect(listener) as client:
        service.may_speak.clear()
        await client.synthesize("hello")
        await client.ping()
        skipped.now += 1500
        await client.ping()
        service.may_speak.set()
        await client.read_until("audio-stop")
        for _ in range(4):
            skipped.now += 800
            await client.ping()
        skipped.now += 1100
        (error,) = await client.read_all()
        assert error.data["code"] == ConnectionTimeout.code
        assert "server.connection_timeout_seconds" in error.data["text"]


# Drain


async def test_drain_closes_idle_connections_and_completes_requests() -> None:
    """New connections are refused."""
    service = FakeSpeechService()
    service.may_speak.clear()
    async with open_listener(service) as listener, connect(listener) as idle, connect(listener) as busy:
        for client in (idle, busy):
            await client.ping()
        await busy.synthesize("hello")
        await busy.ping()
        draining = asyncio.create_task(listener.drain(TIMEOUT_SECONDS))
        assert await idle.read_all() == []
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", listener.addresses[0].port)
        service.may_speak.set()
        assert event_types(await busy.read_all()) == AUDIO_CYCLE
        await draining
        assert listener.ended.is_set()


@pytest.mark.parametrize("is_streamed", [False, True])
async def test_request_during_drain_fails_on_an_open_connection(is_streamed: bool) -> None:
    """Requests from before the drain are completed."""
    service = FakeSpeechService()
    service.may_speak.clear()
    async with open_listener(service) as listener, connect(listener) as client:
        await client.synthesize("before")
        await client.ping()
        draining = asyncio.create_task(listener.drain(TIMEOUT_SECONDS))
        await asyncio.sleep(0)
        if is_streamed:
            await client.start_stream("after ")
            await client.send("synthesize-stop")
        else:
            await client.synthesize("after")
        await client.ping()
        service.may_speak.set()
        events = await client.read_all()
        assert event_types(events) == [*AUDIO_CYCLE, "error", *(["synthesize-stopped"] if is_streamed else [])]
        (error,) = (event for event in events if event.type == "error")
        assert error.data["code"] == "shutting-down"
        await draining


async def test_first_request_of_an_open_connection_is_served_during_drain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Home Assistant sends its request right after it connects."""
    monkeypatch.setattr("wyoming_kokoro.protocol.handler.FIRST_REQUEST_TIMEOUT_SECONDS", 60.0)
    async with open_listener(FakeSpeechService()) as listener, connect(listener) as client:
        await client.ping()
        draining = asyncio.create_task(listener.drain(TIMEOUT_SECONDS))
        await asyncio.sleep(0)
        await client.synthesize("hello")
        assert event_types(await client.read_all()) == AUDIO_CYCLE
        await draining


async def test_stream_after_the_grace_period_ends_with_an_error() -> None:
    """A client would take a mere end for success."""
    service = FakeSpeechService()
    async with open_listener(service) as listener, connect(listener) as client:
        await client.start_stream("one ")
        first = await client.read_until("audio-chunk")
        await listener.drain(0.05)
        rest = await client.read_all()
        assert event_types(first + rest) == ["audio-start", "audio-chunk", "error"]
        assert rest[-1].data["code"] == "shutting-down"
        assert service.utterances[0].closed.is_set()


async def test_drain_cuts_off_a_client_that_does_not_read() -> None:
    service = FakeSpeechService()
    async with open_listener(service) as listener, connect(listener) as client:
        await client.synthesize("long " * 1000)
        await client.read_until("audio-chunk")
        await asyncio.wait_for(listener.drain(0.05), TIMEOUT_SECONDS)
        assert service.utterances[0].closed.is_set()


async def test_closed_listener_leaves_no_task() -> None:
    tasks_before = asyncio.all_tasks()
    service = FakeSpeechService()
    async with open_listener(service) as listener, connect(listener) as client, connect(listener) as other:
        await client.start_stream("one ")
        await client.read_until("audio-chunk")
        await other.send_raw(b'{"type": "desc')
    assert asyncio.all_tasks() == tasks_before
