from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.helpers.protocol_fakes import (
    Client,
    FakeSpeechService,
    connect,
    event_types,
    has_ipv6,
    is_served,
    open_listener,
)
from wyoming_kokoro.errors import ConfigError
from wyoming_kokoro.server.endpoints import in_networks, parse_networks


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
        client = Client(*await asyncio.open_connection("::1", port))
        assert [event.data["code"] for event in await client.read_all()] == ["not-allowed"]
        await client.close()


def test_scoped_and_mapped_addresses_belong_to_their_network() -> None:
    allowed = parse_networks(("10.0.0.0/8", "fe80::/10"))
    assert in_networks("10.1.2.3", allowed)
    assert in_networks("::ffff:10.1.2.3", allowed)
    assert in_networks("fe80::1%eth0", allowed)
    assert not in_networks("11.0.0.1", allowed)
    assert not in_networks("::1", allowed)


async def test_invalid_network_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError, match=r"server\.allowed_networks: 'home' is not a network; write it as"):
        async with open_listener(FakeSpeechService(), allowed_networks=("home",)):
            pass


@pytest.mark.parametrize("key", ["max_connections", "max_connections_per_client"])
async def test_connection_over_the_limit_is_rejected(key: str) -> None:
    """A closed connection makes room again."""
    limits: dict[str, Any] = {key: 3}
    async with open_listener(FakeSpeechService(), **limits) as listener:
        address = listener.addresses[0]
        clients = [Client(*await asyncio.open_connection(address.host, address.port)) for _ in range(3)]
        await clients[-1].send("ping")
        await clients[-1].read_until("pong")
        async with connect(listener) as refused:
            (error,) = await refused.read_all()
            assert error.data["code"] == "too-many-connections"
            assert f"{key})" in error.data["text"]
        leaving = clients.pop()
        leaving.writer.write_eof()
        assert await leaving.read_all() == []
        await leaving.close()
        async with connect(listener) as client:
            await client.ping()
        for client in clients:
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


async def test_idle_connection_is_closed_after_the_timeout() -> None:
    """Requests and pings restart the timeout."""
    service = FakeSpeechService()
    async with open_listener(service, connection_timeout_seconds=0.4) as listener, connect(listener) as client:
        service.may_speak.clear()
        await client.synthesize("hello")
        await asyncio.sleep(0.6)
        service.may_speak.set()
        await client.read_until("audio-stop")
        for _ in range(4):
            await asyncio.sleep(0.15)
            await client.ping()
        (error,) = await client.read_all()
        assert error.data["code"] == "connection-timeout"
        assert "server.connection_timeout_seconds" in error.data["text"]
