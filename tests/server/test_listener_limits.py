from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.helpers.protocol_fakes import Client, SpeakingNarrator, answers, calling, has_ipv6, listening, types
from wyoming_kokoro.errors import ConfigError
from wyoming_kokoro.server.endpoints import in_networks, networks


async def test_clients_outside_the_allowed_networks_are_told_so() -> None:
    """They get an error and no answer, also from the loopback interface."""
    async with (
        listening(SpeakingNarrator(), allow=("192.0.2.0/24",)) as listener,
        calling(listener) as client,
    ):
        await client.send("describe")
        (error,) = await client.all()
        assert error.data["code"] == "not-allowed"


async def test_clients_of_the_allowed_networks_are_served() -> None:
    """A network may be written with an address of one of its hosts."""
    async with listening(SpeakingNarrator(), allow=("192.0.2.0/24", "127.0.0.9/8")) as listener:
        assert await answers("127.0.0.1", listener.addresses[0].port)


@has_ipv6
async def test_ipv4_clients_of_a_dual_stack_port_have_their_ipv4_address() -> None:
    """An IPv4 network lets them in although the socket sees them as `::ffff:127.0.0.1`."""
    async with listening(SpeakingNarrator(), "tcp://:0", allow=("127.0.0.0/8",)) as listener:
        port = listener.addresses[0].port
        assert await answers("127.0.0.1", port)
        client = Client(*await asyncio.open_connection("::1", port))
        assert [event.data["code"] for event in await client.all()] == ["not-allowed"]
        await client.close()


def test_addresses_of_networks() -> None:
    """Scoped and mapped addresses belong to the networks that a person would say."""
    allowed = networks(("10.0.0.0/8", "fe80::/10"))
    assert in_networks("10.1.2.3", allowed)
    assert in_networks("::ffff:10.1.2.3", allowed)
    assert in_networks("fe80::1%eth0", allowed)
    assert not in_networks("11.0.0.1", allowed)
    assert not in_networks("::1", allowed)


async def test_a_wrong_network_is_a_configuration_error() -> None:
    """The message names the setting and shows how it is written."""
    with pytest.raises(ConfigError, match=r"server\.allow: 'home' is not a network such as"):
        async with listening(SpeakingNarrator(), allow=("home",)):
            pass


@pytest.mark.parametrize("key", ["max_connections", "max_connections_per_client"])
async def test_too_many_connections(key: str) -> None:
    """One more than the limit is told so, with the key; when one leaves there is room again."""
    limits: dict[str, Any] = {key: 3}
    async with listening(SpeakingNarrator(), **limits) as listener:
        address = listener.addresses[0]
        clients = [Client(*await asyncio.open_connection(address.host, address.port)) for _ in range(3)]
        await clients[-1].send("ping")
        await clients[-1].until("pong")
        async with calling(listener) as refused:
            (error,) = await refused.all()
            assert error.data["code"] == "too-many-connections"
            assert f"{key})" in error.data["text"]
        leaving = clients.pop()
        leaving.writer.write_eof()
        assert await leaving.all() == []
        await leaving.close()
        async with calling(listener) as client:
            await client.send("ping")
            await client.until("pong")
        for client in clients:
            await client.close()


async def test_too_many_requests_of_one_client() -> None:
    """They are counted over all connections of an address; when one has ended there is room again."""
    narrator = SpeakingNarrator()
    narrator.may_speak.clear()
    async with listening(narrator, max_requests_per_client=2) as listener:
        async with calling(listener) as one, calling(listener) as two, calling(listener) as three:
            for client in (one, two):
                await client.say("hello")
                await client.send("ping")
                await client.until("pong")
            await three.stream("hello ")
            await three.send("synthesize-stop")
            events = await three.all()
            assert types(events) == ["error", "synthesize-stopped"]
            assert events[0].data["code"] == "too-many-requests"
            narrator.may_speak.set()
            for client in (one, two):
                await client.until("audio-stop")
        assert await answers("127.0.0.1", listener.addresses[0].port)


async def test_an_event_that_is_too_long() -> None:
    """The error names the key; nothing of the event is read."""
    async with listening(SpeakingNarrator(), max_event_bytes=1024) as listener, calling(listener) as client:
        await client.say("x" * 900)
        await client.until("audio-stop")
        await client.say("x" * 1024)
        (error,) = await client.all()
        assert error.data["code"] == "event-too-long"
        assert "server.max_event_bytes" in error.data["text"]


async def test_a_connection_that_wants_nothing_is_closed() -> None:
    """Not while it is spoken to, however long that takes, nor while it asks now and then."""
    narrator = SpeakingNarrator()
    async with listening(narrator, connection_timeout_seconds=0.4) as listener, calling(listener) as client:
        narrator.may_speak.clear()
        await client.say("hello")
        await asyncio.sleep(0.6)
        narrator.may_speak.set()
        await client.until("audio-stop")
        for _ in range(4):
            await asyncio.sleep(0.15)
            await client.send("ping")
            await client.until("pong")
        (error,) = await client.all()
        assert error.data["code"] == "connection-timeout"
        assert "server.connection_timeout_seconds" in error.data["text"]
