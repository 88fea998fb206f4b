"""PROXY headers of load balancers: the parser, and the server that uses the addresses."""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.network.proxy_headers import (
    MALFORMED,
    VALID,
    binary_header,
    extension,
    ip_block,
    malformed_header,
)
from tests.helpers.servers.protocol_fakes import (
    AUDIO_CYCLE,
    Client,
    FakeSpeechService,
    event_types,
    has_ipv6,
    open_listener,
)
from wyoming_kokoro.api.observations import ConnectionRejected
from wyoming_kokoro.errors import ConfigError, ProtocolError
from wyoming_kokoro.server import proxy_header
from wyoming_kokoro.server.listener import Listener
from wyoming_kokoro.server.proxy_header import read_client_address

LOOPBACK = ("127.0.0.0/8",)
DESCRIBE = b'{"type": "describe"}\n'


def header_of(address: str) -> bytes:
    return f"PROXY TCP4 {address} 127.0.0.1 49152 10200\r\n".encode()


def reader_of(data: bytes) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return reader


@pytest.mark.parametrize(("header", "address"), VALID)
async def test_valid_header_names_the_client(header: bytes, address: str | None) -> None:
    """What follows the header belongs to the client."""
    reader = reader_of(header + DESCRIBE)
    assert await read_client_address(reader) == address
    assert await reader.read() == DESCRIBE


@pytest.mark.parametrize(("header", "address"), [item for item in VALID if len(item[0]) < 1000])
async def test_header_may_arrive_byte_by_byte(header: bytes, address: str | None) -> None:
    reader = asyncio.StreamReader()
    reading = asyncio.create_task(read_client_address(reader))
    for byte in header:
        for _ in range(3):
            await asyncio.sleep(0)
        assert not reading.done()
        reader.feed_data(bytes([byte]))
    assert await reading == address


@pytest.mark.parametrize("header", MALFORMED)
async def test_malformed_header_is_an_error(header: bytes) -> None:
    with pytest.raises(ProtocolError, match="PROXY header"):
        await read_client_address(reader_of(header))


@given(st.randoms(use_true_random=False))
def test_random_malformed_header_is_an_error(random: Random) -> None:
    async def read() -> None:
        await read_client_address(reader_of(malformed_header(random)))

    with pytest.raises(ProtocolError, match="PROXY header"):
        asyncio.run(read())


EXTENSIONS = st.lists(st.builds(extension, st.integers(0, 255), st.binary(max_size=40)), max_size=4).map(b"".join)


@given(st.ip_addresses(), EXTENSIONS, st.binary(max_size=40))
def test_each_address_is_read_from_both_versions(
    address: IPv4Address | IPv6Address, extensions: bytes, rest: bytes
) -> None:
    async def read(header: bytes) -> tuple[str | None, bytes]:
        reader = reader_of(header + rest)
        return await read_client_address(reader), await reader.read()

    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    family = 0x11 if address.version == 4 else 0x21
    line = f"PROXY TCP{address.version} {address} {address} 0 65535\r\n".encode()
    block = binary_header(family, ip_block(str(address)) + extensions)
    for header in (line, block):
        assert asyncio.run(read(header)) == (str(mapped or address), rest)


# The server


async def connect_with(listener: Listener, header: bytes, host: str = "127.0.0.1") -> Client:
    client = Client(*await asyncio.open_connection(host, listener.addresses[0].port))
    await client.send_raw(header)
    return client


@pytest.mark.parametrize("header", [header_of("192.0.2.1"), binary_header(0x11, ip_block("192.0.2.1"))])
async def test_request_counts_for_the_client_that_the_balancer_names(header: bytes) -> None:
    service = FakeSpeechService()
    async with open_listener(service, proxies=LOOPBACK) as listener:
        client = await connect_with(listener, header)
        await client.synthesize("hi")
        assert event_types(await client.read_until("audio-stop")) == AUDIO_CYCLE
        assert service.clients == {"192.0.2.1"}
        await client.close()


async def test_log_names_the_client_and_not_the_balancer(caplog: pytest.LogCaptureFixture) -> None:
    async with open_listener(FakeSpeechService(), proxies=LOOPBACK) as listener:
        client = await connect_with(listener, header_of("192.0.2.1"))
        await client.send("synthesize", text="hi", voice={"name": "af_gone"})
        assert event_types(await client.read_all()) == ["error"]
        await client.close()
    assert "192.0.2.1" in caplog.text
    assert "127.0.0.1" not in caplog.text


async def test_limit_per_client_uses_the_address_in_the_header() -> None:
    async with open_listener(FakeSpeechService(), proxies=LOOPBACK, max_connections_per_client=1) as listener:
        first, second, again = [
            await connect_with(listener, header_of(address)) for address in ("192.0.2.1", "192.0.2.2", "192.0.2.1")
        ]
        assert await first.read_all() == []
        for client in (second, again):
            await client.ping()
        for client in (first, second, again):
            await client.close()


async def test_allowed_networks_apply_to_the_client_and_not_to_the_balancer() -> None:
    """A health check of the balancer names no client."""
    local = binary_header(0x00, b"", command=0x20)
    headers = [header_of("192.0.2.1"), header_of("198.51.100.1"), local, b"PROXY UNKNOWN\r\n"]
    async with open_listener(FakeSpeechService(), proxies=LOOPBACK, allowed_networks=("192.0.2.0/24",)) as listener:
        answers = []
        for header in headers:
            client = await connect_with(listener, header + DESCRIBE)
            event = await client.read()
            assert event
            answers.append(event.type)
            await client.close()
        assert answers == ["info", "error", "info", "info"]


@pytest.mark.parametrize("header", [header_of("192.0.2.1"), binary_header(0x11, ip_block("192.0.2.1"))])
async def test_header_of_a_client_outside_the_proxies_is_rejected(
    header: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """A forged header must not give a client another address. The message names the setting."""
    service = FakeSpeechService()
    async with open_listener(service, proxies=("192.0.2.0/24",)) as listener:
        client = await connect_with(listener, header)
        await client.synthesize("hi")
        (error,) = await client.read_all()
        assert "server.proxies" in error.data["text"]
        assert not service.clients
        assert [record.levelname for record in caplog.records] == ["WARNING"]
        await client.close()


async def test_second_header_is_rejected() -> None:
    """A client behind a balancer cannot forge its address."""
    service = FakeSpeechService()
    async with open_listener(service, proxies=LOOPBACK) as listener:
        client = await connect_with(listener, header_of("192.0.2.1") + header_of("192.0.2.2"))
        await client.synthesize("hi")
        assert event_types(await client.read_all()) == ["error"]
        assert not service.clients
        await client.close()


async def test_balancer_without_header_is_rejected_with_one_line(caplog: pytest.LogCaptureFixture) -> None:
    async with open_listener(FakeSpeechService(), proxies=LOOPBACK) as listener:
        client = await connect_with(listener, DESCRIBE)
        (error,) = await client.read_all()
        assert "server.proxies" in error.data["text"]
        assert [record.getMessage().count("\n") for record in caplog.records] == [0]
        await client.close()


async def test_connection_that_ends_before_the_header_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Some balancers check whether the port is open. A reset is no error of the server either."""
    async with open_listener(FakeSpeechService(), proxies=LOOPBACK) as listener:
        checking = await connect_with(listener, b"")
        checking.writer.write_eof()
        assert await checking.read_all() == []
        await checking.close()
        reset = await connect_with(listener, b"PROXY TCP4")
        reset.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        reset.writer.transport.abort()
        client = await connect_with(listener, header_of("192.0.2.1"))
        await client.ping()
        await client.close()
    assert not caplog.records


async def test_incomplete_header_is_rejected_after_the_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxy_header, "HEADER_TIMEOUT_SECONDS", 0.1)
    async with open_listener(FakeSpeechService(), proxies=LOOPBACK) as listener:
        for start in (b"", b"PROXY TCP4 192.0.2.1 ", binary_header(0x11, ip_block("192.0.2.1"))[:-1]):
            client = await connect_with(listener, start)
            (error,) = await client.read_all()
            assert "not complete after 0.1 s" in error.data["text"]
            await client.close()


@has_ipv6
async def test_ipv4_balancer_is_recognized_on_a_dual_stack_port() -> None:
    service = FakeSpeechService()
    async with open_listener(service, "tcp://:0", proxies=LOOPBACK) as listener:
        client = await connect_with(listener, header_of("192.0.2.1"))
        await client.synthesize("hi")
        await client.read_until("audio-stop")
        assert service.clients == {"192.0.2.1"}
        await client.close()


@pytest.mark.parametrize(("key", "value"), [("proxies", ("balancer",)), ("advertise", "balancer")])
async def test_invalid_setting_for_a_balancer_is_a_configuration_error(key: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=rf"server\.{key}: 'balancer' .*; (write|use)"):
        async with open_listener(FakeSpeechService(), **{key: value}):
            pass


async def test_connections_without_header_are_limited() -> None:
    async with open_listener(FakeSpeechService(), proxies=LOOPBACK, max_connections=3) as listener:
        pending = [await connect_with(listener, b"PROXY ") for _ in range(3)]
        aborted = await connect_with(listener, b"")
        with suppress(ConnectionResetError):
            assert await aborted.read_all() == []
        for client in pending:
            await client.send_raw(header_of("192.0.2.1").removeprefix(b"PROXY "))
            await client.ping()
            await client.close()
        await aborted.close()


async def flood(listener: Listener, count: int) -> None:
    """Send malformed headers on new connections, twenty at a time, and check that each gets one error and no more."""
    random = Random(1)
    slots = asyncio.Semaphore(20)

    async def send_one(header: bytes) -> None:
        async with slots:
            client = await connect_with(listener, b"")
            client.writer.write(header)
            client.writer.write_eof()
            assert event_types(await client.read_all()) == ["error"]
            await client.close()

    await asyncio.gather(*(send_one(malformed_header(random)) for _ in range(count)))


@pytest.mark.parametrize("count", [200, pytest.param(10_000, marks=pytest.mark.slow)])
async def test_malformed_headers_do_not_harm_a_good_client(count: int, caplog: pytest.LogCaptureFixture) -> None:
    """Each is counted. The log has one line a minute for each kind of error."""
    caplog.set_level(logging.WARNING)
    service = FakeSpeechService()
    rejected: list[object] = []
    async with open_listener(service, proxies=LOOPBACK, observe=rejected.append) as listener:
        good = await connect_with(listener, header_of("192.0.2.1"))
        flooding = asyncio.create_task(flood(listener, count))
        requests = 0
        while not flooding.done():
            await good.synthesize("hi")
            assert event_types(await good.read_until("audio-stop")) == AUDIO_CYCLE
            requests += 1
            await asyncio.sleep(0.01)
        await flooding
        assert requests
        assert service.clients == {"192.0.2.1"}
        assert rejected.count(ConnectionRejected("wyoming", "protocol-error")) == count
        assert len(caplog.records) == 1
        await good.close()
