"""Every door on real IPv6 addresses: loopback, and link-local with the name of its interface."""

from __future__ import annotations

import asyncio
import re
from ipaddress import IPv6Address
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from tests.helpers.network.proxy_headers import binary_header, ip_block
from tests.helpers.servers.dashboard import dashboard_server
from tests.helpers.servers.protocol_fakes import FakeSpeechService, connect, event_types, open_listener
from wyoming_kokoro.backend import Backend
from wyoming_kokoro.cli import check
from wyoming_kokoro.cli.ping import describe
from wyoming_kokoro.config import Config, ServerConfig
from wyoming_kokoro.server.startup_timeline import StartupTimeline
from wyoming_kokoro.testing import FakeServer
from wyoming_kokoro.types import Address

INTERFACES = Path("/proc/net/if_inet6")
# Its last digits are the flags: an address that is tentative (0x40) or failed (0x08) cannot be bound.
LINK_LOCAL = re.compile(r"^(fe80\w{28}) \w+ \w+ \w+ [82]0 +(\S+)$", re.MULTILINE)


def ipv6_addresses() -> list[str]:
    """Return ::1 and a link-local address of this machine, if it has them."""
    text = INTERFACES.read_text() if INTERFACES.exists() else ""
    found = [f"{IPv6Address(int(digits, 16))}%{interface}" for digits, interface in LINK_LOCAL.findall(text)[:1]]
    return (["::1"] if " lo\n" in text else []) + found


HOSTS = ipv6_addresses()
pytestmark = pytest.mark.skipif(not HOSTS, reason="this machine has no IPv6")


@pytest.mark.parametrize("host", HOSTS)
async def test_wyoming_is_served(host: str) -> None:
    network = host.partition("%")[0]
    async with open_listener(FakeSpeechService(), f"tcp://[{host}]:0", allowed_networks=(network,)) as listener:
        (address,) = listener.addresses
        assert address.host == host
        assert (await asyncio.to_thread(describe, f"tcp://{address}")).voices == 2
        async with connect(listener) as client:
            await client.synthesize("hi")
            assert event_types(await client.read_until("audio-stop"))[-1] == "audio-stop"


@pytest.mark.parametrize("host", HOSTS)
async def test_check_asks_the_bound_address(host: str) -> None:
    config, timeline = Config(server=ServerConfig(uri=f"tcp://[{host}]:0")), await asyncio.to_thread(StartupTimeline)
    await check._listen(config, cast(Backend, SimpleNamespace(tts=FakeSpeechService())), timeline)
    assert "describe answered" in timeline.moments


@pytest.mark.parametrize("host", HOSTS)
async def test_load_balancer_may_have_the_address(host: str) -> None:
    service = FakeSpeechService()
    proxy = host.partition("%")[0]
    async with open_listener(service, f"tcp://[{host}]:0", proxies=(proxy,)) as listener, connect(listener) as client:
        await client.send_raw(binary_header(0x21, ip_block("2001:db8::1")))
        await client.synthesize("hi")
        await client.read_until("audio-stop")
    assert service.clients == {"2001:db8::/64"}


@pytest.mark.parametrize("host", HOSTS)
async def test_http_is_served(host: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        async with dashboard_server(FakeServer(), host=host) as dashboard:
            await asyncio.wait_for(dashboard.is_listening.wait(), 60)
            address = Address(host, dashboard.port)
            reader, writer = await asyncio.open_connection(host, dashboard.port)
            writer.write(f"GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode())
            status = await reader.readline()
            writer.close()
    assert status.startswith(b"HTTP/1.1 200 ")
    assert f"listens on http://{address}/" in caplog.text
