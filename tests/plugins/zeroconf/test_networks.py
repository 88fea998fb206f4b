"""The announcement over real multicast, between a server and a client in two network namespaces."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.network.network_namespaces import (
    CLIENT_ADDRESS,
    SERVER_ADDRESS,
    Namespace,
    NamespaceProgram,
    connected_namespaces,
)
from wyoming_kokoro import __version__

pytestmark = pytest.mark.slow

ADD_IPV4 = f"addr add {SERVER_ADDRESS}/24 dev eth0"
ADD_IPV6 = "addr add fd77::2/64 dev eth0 nodad"
STORED_NAME = "kokoro-attic-12345678"
PEER_ADDRESS = "192.168.77.99"


@pytest.fixture
def namespaces() -> Iterator[tuple[Namespace, Namespace]]:
    with connected_namespaces() as both:
        yield both


@pytest.fixture
def host(namespaces: tuple[Namespace, Namespace]) -> Namespace:
    """The namespace of the server."""
    return namespaces[0]


@pytest.fixture
async def browser(namespaces: tuple[Namespace, Namespace]) -> AsyncIterator[NamespaceProgram]:
    """A program in the other namespace that discovers servers as Home Assistant does."""
    async with namespaces[1].running("zeroconf_browser.py", CLIENT_ADDRESS, "fd77::1") as program:
        await program.until(listening=True)
        yield program
        await program.end()


@asynccontextmanager
async def serving(
    host: Namespace, state: Path, uri: str = "tcp://:10200", advertise: str = "own", **settings: Any
) -> AsyncIterator[NamespaceProgram]:
    async with host.running("announcing_server.py", state, uri, json.dumps(settings), advertise) as program:
        await program.until(entered=True)
        yield program


async def end(server: NamespaceProgram) -> list[dict[str, Any]]:
    """Stop the server, check that it leaves no tasks and sockets, and return its output."""
    lines = await server.end()
    assert not [line for line in lines if "text" in line]
    assert lines[-1] == {"left_tasks": 0, "left_sockets": 0}
    return lines


def store_name(state: Path) -> None:
    (state / "zeroconf-10200.json").write_text(json.dumps({"name": STORED_NAME}))


def warnings(lines: list[dict[str, Any]]) -> list[str]:
    return [line["log"] for line in lines if line.get("level") in ("WARNING", "ERROR")]


async def test_only_home_addresses_are_announced_and_finally_withdrawn(
    host: Namespace, browser: NamespaceProgram, tmp_path: Path
) -> None:
    host.ip(ADD_IPV4, "addr add 192.168.77.3/24 dev eth0", ADD_IPV6)
    for bridge, address in (("docker0", "172.17.0.1"), ("br0", "172.18.0.1"), ("home0", "172.19.0.1")):
        host.ip(f"link add {bridge} type bridge", f"link set {bridge} up", f"addr add {address}/16 dev {bridge}")
    host.ip("link add inside type veth peer name outside", "link set outside master home0 up")
    host.ip("link set inside up")
    async with serving(host, tmp_path) as server:
        found = await browser.until(change="Added")
        assert {*found["addresses"][:2]} == {SERVER_ADDRESS, "192.168.77.3"}
        assert found["addresses"][2:] == ["fd77::2"]
        assert found["port"] == 10200
        assert found["texts"] == {"version": __version__}
        assert not warnings(await end(server))
    assert (await browser.until(change="Removed"))["name"] == found["name"]


async def test_name_is_the_same_after_a_restart(host: Namespace, browser: NamespaceProgram, tmp_path: Path) -> None:
    host.ip(ADD_IPV4)
    names = []
    for _ in range(2):
        async with serving(host, tmp_path) as server:
            names.append((await browser.until(change="Added"))["name"])
            await end(server)
    assert names[0] == names[1]


async def test_changed_addresses_are_announced(host: Namespace, browser: NamespaceProgram, tmp_path: Path) -> None:
    host.ip(ADD_IPV4)
    async with serving(host, tmp_path) as server:
        name = (await browser.until(change="Added", addresses=[SERVER_ADDRESS]))["name"]
        host.ip("addr add 192.168.77.3/25 dev eth0")
        found = await browser.until(change="Updated")
        assert found["name"] == name
        assert set(found["addresses"]) == {SERVER_ADDRESS, "192.168.77.3"}
        host.ip(f"addr del {SERVER_ADDRESS}/24 dev eth0")
        assert (await browser.until(addresses=["192.168.77.3"]))["name"] == name
        assert not warnings(await end(server))


async def test_network_that_appears_after_the_start_is_used(
    host: Namespace, browser: NamespaceProgram, tmp_path: Path
) -> None:
    async with serving(host, tmp_path) as server:
        await server.until(level="INFO")
        host.ip(ADD_IPV4)
        assert (await browser.until(change="Added"))["addresses"] == [SERVER_ADDRESS]
        lines = await end(server)
    assert len([line for line in lines if "no network" in line.get("log", "")]) == 1
    assert not warnings(lines)


async def test_address_that_moves_to_another_interface_is_announced_again(
    host: Namespace, browser: NamespaceProgram, tmp_path: Path
) -> None:
    """The sockets of the first interface receive nothing from the second."""
    host.ip(ADD_IPV4)
    async with serving(host, tmp_path) as server:
        name = (await browser.until(change="Added"))["name"]
        await server.until(level="INFO")
        host.ip("link set eth0 name old0", "link add eth0 type bridge", "addr flush dev old0")
        assert "no network" in (await server.until(level="INFO"))["log"]
        host.ip("link set old0 name eth1", "link set eth1 up", f"addr add {SERVER_ADDRESS}/24 dev eth1")
        await server.until(level="INFO")
        await end(server)
    assert (await browser.until(change="Removed"))["name"] == name


async def test_reconnected_interface_is_announced_under_the_same_name(
    host: Namespace, browser: NamespaceProgram, tmp_path: Path
) -> None:
    host.ip(ADD_IPV4)
    async with serving(host, tmp_path) as server:
        name = (await browser.until(change="Added"))["name"]
        await server.until(level="INFO")
        host.ip("link set eth0 down")
        assert "no network" in (await server.until(level="INFO"))["log"]
        host.ip("link set eth0 up")
        assert f"{name} at {SERVER_ADDRESS}" in (await server.until(level="INFO"))["log"]
        await end(server)
    assert (await browser.until(change="Removed"))["name"] == name


async def test_name_conflict_changes_the_stored_name(
    host: Namespace, browser: NamespaceProgram, tmp_path: Path
) -> None:
    host.ip(ADD_IPV4)
    store_name(tmp_path)
    new_name = f"{STORED_NAME}-2"
    async with host.running("zeroconf_peer.py", SERVER_ADDRESS, STORED_NAME, PEER_ADDRESS, 10200) as peer:
        await browser.until(name=STORED_NAME, addresses=[PEER_ADDRESS])
        async with serving(host, tmp_path) as server:
            await browser.until(name=new_name, addresses=[SERVER_ADDRESS])
            await server.until(level="INFO")
            assert len(warnings(await end(server))) == 1
        await peer.end()
    await browser.until(change="Removed", name=STORED_NAME)
    async with serving(host, tmp_path) as server:
        assert (await browser.until(change="Added"))["name"] == new_name
        assert not warnings(await end(server))


async def test_name_conflict_is_detected_when_programs_share_the_port(host: Namespace, tmp_path: Path) -> None:
    """The kernel delivers a unicast reply to only one of the sockets on port 5353, here to one of ten."""
    host.ip(ADD_IPV4)
    async with host.running("zeroconf_peer.py", SERVER_ADDRESS, "Loft", PEER_ADDRESS, 10200, 8) as peer:
        await peer.until(announced=True)
        async with serving(host, tmp_path, name="Loft") as server:
            assert "Loft-2 at" in (await server.until(level="INFO"))["log"]
            await end(server)
        await peer.end()


async def test_echo_of_an_earlier_announcement_is_no_conflict(
    host: Namespace, browser: NamespaceProgram, tmp_path: Path
) -> None:
    """A reflector may repeat the announcement of a server that was killed."""
    host.ip(ADD_IPV4)
    store_name(tmp_path)
    async with host.running("zeroconf_peer.py", SERVER_ADDRESS, STORED_NAME, SERVER_ADDRESS, 10200) as reflector:
        await reflector.until(announced=True)
        async with serving(host, tmp_path) as server:
            assert f"{STORED_NAME} at" in (await server.until(logger="plugin"))["log"]
            assert not warnings(await end(server))
        await reflector.end()


async def test_two_servers_of_one_user_keep_their_names(
    host: Namespace, browser: NamespaceProgram, tmp_path: Path
) -> None:
    host.ip(ADD_IPV4)
    names = []
    for _ in range(2):
        async with serving(host, tmp_path) as first, serving(host, tmp_path, "tcp://:10201") as second:
            found = [await browser.until(change="Added") for _ in range(2)]
            assert not warnings(await end(first))
            assert not warnings(await end(second))
        names.append({item["port"]: item["name"] for item in found})
    assert names[0] == names[1]
    assert names[0].keys() == {10200, 10201}
    assert len(set(names[0].values())) == 2


async def test_servers_behind_a_balancer_announce_it_once_and_do_not_withdraw_it(
    host: Namespace, browser: NamespaceProgram, tmp_path: Path
) -> None:
    """The balancer is another machine, and still works when one of its servers has ended."""
    host.ip(ADD_IPV4)
    uri = f"tcp://{PEER_ADDRESS}:10200"
    async with (
        serving(host, tmp_path / "a", "tcp://127.0.0.1:10201", uri) as first,
        serving(host, tmp_path / "b", "tcp://:10202", uri) as second,
    ):
        found = await browser.until(change="Added")
        assert (found["name"], found["addresses"], found["port"]) == (
            "kokoro-192-168-77-99-10200",
            [PEER_ADDRESS],
            10200,
        )
        for server in (first, second):
            await server.until(logger="plugin")
            assert not warnings(await end(server))
    await browser.until(change="Known")
    assert not [line for line in browser.lines if line.get("change") in ("Removed", "Updated")]
    assert len({line["name"] for line in browser.lines if "name" in line}) == 1


async def test_only_the_bound_address_is_announced(host: Namespace, browser: NamespaceProgram, tmp_path: Path) -> None:
    host.ip(ADD_IPV4, ADD_IPV6, "addr add 192.168.77.3/24 dev eth0")
    async with serving(host, tmp_path, "tcp://192.168.77.3:10200", name="Loft") as server:
        found = await browser.until(change="Added")
        assert (found["name"], found["addresses"]) == ("Loft", ["192.168.77.3"])
        assert not warnings(await end(server))


async def test_server_bound_to_ipv6_announces_only_ipv6(
    host: Namespace, browser: NamespaceProgram, tmp_path: Path
) -> None:
    host.ip(ADD_IPV4, ADD_IPV6)
    async with serving(host, tmp_path, "tcp://[::]:10200") as server:
        assert (await browser.until(change="Added"))["addresses"] == ["fd77::2"]
        assert not warnings(await end(server))


async def test_blocked_port_is_logged_once_and_retried(
    host: Namespace, browser: NamespaceProgram, tmp_path: Path
) -> None:
    host.ip(ADD_IPV4)
    async with host.running("port_blocker.py", 5353) as blocker:
        await blocker.until(blocked=True)
        async with serving(host, tmp_path) as server:
            while not any("Announcement failed" in text for text in warnings(server.lines)):
                await server.until()
            await asyncio.sleep(1)  # time for three more attempts
            await blocker.end()
            assert (await browser.until(change="Added"))["addresses"] == [SERVER_ADDRESS]
            logged = warnings(await server.end())
    assert len(logged) == len(set(logged)), logged  # may include warnings of zeroconf itself
    assert [text for text in logged if "UDP port 5353" in text]
