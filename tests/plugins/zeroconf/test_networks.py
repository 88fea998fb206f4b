"""The announcement on real multicast, between two network namespaces."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.network_namespaces import BOX, ROOM, Namespace, NamespaceProgram, home
from wyoming_kokoro import __version__

ADDRESS = f"addr add {BOX}/24 dev eth0"
ADDRESS_6 = "addr add fd77::2/64 dev eth0 nodad"


@pytest.fixture
def house() -> Iterator[tuple[Namespace, Namespace]]:
    with home() as namespaces:
        yield namespaces


@pytest.fixture
def box(house: tuple[Namespace, Namespace]) -> Namespace:
    return house[0]


@pytest.fixture
async def room(house: tuple[Namespace, Namespace]) -> AsyncIterator[NamespaceProgram]:
    async with house[1].running("zeroconf_browser.py", ROOM, "fd77::1") as program:
        await program.until(listening=True)
        yield program
        await program.end()


@asynccontextmanager
async def serving(
    box: Namespace, state: Path, uri: str = "tcp://:10200", **table: Any
) -> AsyncIterator[NamespaceProgram]:
    async with box.running("announcing_server.py", state, uri, json.dumps(table)) as program:
        await program.until(entered=True)
        yield program


async def end(server: NamespaceProgram) -> list[dict[str, Any]]:
    """Stop the server; nothing of the announcement may be left."""
    lines = await server.end()
    assert not [line for line in lines if "text" in line]
    assert lines[-1] == {"left_tasks": 0, "left_sockets": 0}
    return lines


def warnings(lines: list[dict[str, Any]]) -> list[str]:
    return [line["log"] for line in lines if line.get("level") in ("WARNING", "ERROR")]


async def test_only_the_addresses_of_the_home_are_announced(
    box: Namespace, room: NamespaceProgram, tmp_path: Path
) -> None:
    """And they are taken back with a goodbye at the end."""
    box.ip(ADDRESS, "addr add 192.168.77.3/24 dev eth0", ADDRESS_6)
    for bridge, address in (("docker0", "172.17.0.1"), ("br0", "172.18.0.1"), ("home0", "172.19.0.1")):
        box.ip(f"link add {bridge} type bridge", f"link set {bridge} up", f"addr add {address}/16 dev {bridge}")
    box.ip("link add inside type veth peer name outside", "link set outside master home0 up")
    box.ip("link set inside up")
    async with serving(box, tmp_path) as server:
        found = await room.until(change="Added")
        assert {*found["addresses"][:2]} == {BOX, "192.168.77.3"}
        assert found["addresses"][2:] == ["fd77::2"]
        assert found["port"] == 10200
        assert found["texts"] == {"version": __version__}
        assert not warnings(await end(server))
    assert (await room.until(change="Removed"))["name"] == found["name"]


async def test_the_name_is_the_same_at_every_start(box: Namespace, room: NamespaceProgram, tmp_path: Path) -> None:
    box.ip(ADDRESS)
    names = []
    for _ in range(2):
        async with serving(box, tmp_path) as server:
            names.append((await room.until(change="Added"))["name"])
            await end(server)
    assert names[0] == names[1]


async def test_a_new_address_is_followed(box: Namespace, room: NamespaceProgram, tmp_path: Path) -> None:
    box.ip(ADDRESS)
    async with serving(box, tmp_path) as server:
        name = (await room.until(change="Added", addresses=[BOX]))["name"]
        box.ip("addr add 192.168.77.3/25 dev eth0")
        found = await room.until(change="Updated")
        assert found["name"] == name
        assert set(found["addresses"]) == {BOX, "192.168.77.3"}
        box.ip(f"addr del {BOX}/24 dev eth0")
        assert (await room.until(addresses=["192.168.77.3"]))["name"] == name
        assert not warnings(await end(server))


async def test_the_network_may_come_after_the_server(box: Namespace, room: NamespaceProgram, tmp_path: Path) -> None:
    async with serving(box, tmp_path) as server:
        await server.until(level="INFO")
        box.ip(ADDRESS)
        assert (await room.until(change="Added"))["addresses"] == [BOX]
        lines = await end(server)
    assert len([line for line in lines if "no network" in line.get("log", "")]) == 1
    assert not warnings(lines)


async def test_the_network_may_go_and_come_back(box: Namespace, room: NamespaceProgram, tmp_path: Path) -> None:
    """Also as another interface with the same address, which sockets of the old one do not hear."""
    box.ip(ADDRESS)
    async with serving(box, tmp_path) as server:
        name = (await room.until(change="Added"))["name"]
        await server.until(level="INFO")
        box.ip("link set eth0 name old0", "link add eth0 type bridge", "addr flush dev old0")
        assert "no network" in (await server.until(level="INFO"))["log"]
        box.ip("link set old0 name eth1", "link set eth1 up", f"addr add {BOX}/24 dev eth1")
        await server.until(level="INFO")
        await end(server)
    assert (await room.until(change="Removed"))["name"] == name


async def test_the_interface_may_go_down_and_up(box: Namespace, room: NamespaceProgram, tmp_path: Path) -> None:
    """As when a cable is pulled, or Wi-Fi is lost: the announcement comes back by itself, under its name."""
    box.ip(ADDRESS)
    async with serving(box, tmp_path) as server:
        name = (await room.until(change="Added"))["name"]
        await server.until(level="INFO")
        box.ip("link set eth0 down")
        assert "no network" in (await server.until(level="INFO"))["log"]
        box.ip("link set eth0 up")
        assert f"{name} at {BOX}" in (await server.until(level="INFO"))["log"]
        await end(server)
    assert (await room.until(change="Removed"))["name"] == name


async def test_a_clash_of_names_is_settled_for_good(box: Namespace, room: NamespaceProgram, tmp_path: Path) -> None:
    box.ip(ADDRESS)
    (tmp_path / "zeroconf.json").write_text('{"name": "kokoro-attic-12345678"}')
    stranger = ("zeroconf_peer.py", BOX, "kokoro-attic-12345678")
    async with box.running(*stranger, "192.168.77.99", 10200) as other:
        await room.until(name="kokoro-attic-12345678", addresses=["192.168.77.99"])
        async with serving(box, tmp_path) as server:
            await room.until(name="kokoro-attic-12345678-2", addresses=[BOX])
            await server.until(level="INFO")
            assert len(warnings(await end(server))) == 1
        await other.end()
    await room.until(change="Removed", name="kokoro-attic-12345678")
    async with serving(box, tmp_path) as server:
        assert (await room.until(change="Added"))["name"] == "kokoro-attic-12345678-2"
        assert not warnings(await end(server))


async def test_taken_name_is_detected_although_programs_share_the_port(box: Namespace, tmp_path: Path) -> None:
    """The kernel delivers a unicast reply to only one of the sockets on port 5353, here to one of nine."""
    box.ip(ADDRESS)
    async with box.running("zeroconf_peer.py", BOX, "Loft", "192.168.77.99", 10200, 8) as peer:
        await peer.until(announced=True)
        async with serving(box, tmp_path, name="Loft") as server:
            assert "Loft-2 at" in (await server.until(level="INFO"))["log"]
            await end(server)
        await peer.end()


async def test_an_echo_of_the_server_is_no_clash(box: Namespace, room: NamespaceProgram, tmp_path: Path) -> None:
    """A reflector that still repeats what the server said before it was killed takes its name from nobody."""
    box.ip(ADDRESS)
    (tmp_path / "zeroconf.json").write_text('{"name": "kokoro-attic-12345678"}')
    echo = ("zeroconf_peer.py", BOX, "kokoro-attic-12345678", BOX, 10200)
    async with box.running(*echo) as other:
        await other.until(announced=True)
        async with serving(box, tmp_path) as server:
            assert "kokoro-attic-12345678 at" in (await server.until(logger="plugin"))["log"]
            assert not warnings(await end(server))
        await other.end()


async def test_two_servers_of_one_box_have_two_names(box: Namespace, room: NamespaceProgram, tmp_path: Path) -> None:
    box.ip(ADDRESS)
    async with serving(box, tmp_path / "a") as a, serving(box, tmp_path / "b", "tcp://:10201") as b:
        found = [await room.until(change="Added") for _ in range(2)]
        await end(a)
        await end(b)
    assert found[0]["name"] != found[1]["name"]
    assert {item["port"] for item in found} == {10200, 10201}


async def test_a_specific_address_is_announced_alone(box: Namespace, room: NamespaceProgram, tmp_path: Path) -> None:
    box.ip(ADDRESS, ADDRESS_6, "addr add 192.168.77.3/24 dev eth0")
    async with serving(box, tmp_path, "tcp://192.168.77.3:10200", name="Loft") as server:
        found = await room.until(change="Added")
        assert (found["name"], found["addresses"]) == ("Loft", ["192.168.77.3"])
        assert not warnings(await end(server))


async def test_a_home_of_ipv6_alone(box: Namespace, room: NamespaceProgram, tmp_path: Path) -> None:
    box.ip(ADDRESS, ADDRESS_6)
    async with serving(box, tmp_path, "tcp://[::]:10200") as server:
        assert (await room.until(change="Added"))["addresses"] == ["fd77::2"]
        assert not warnings(await end(server))


async def test_what_the_network_refuses_is_logged_once_and_tried_again(
    box: Namespace, room: NamespaceProgram, tmp_path: Path
) -> None:
    box.ip(ADDRESS)
    async with box.running("port_blocker.py", 5353) as holder:
        await holder.until(held=True)
        async with serving(box, tmp_path) as server:
            while not any("cannot be announced" in text for text in warnings(server.lines)):
                await server.until()
            await asyncio.sleep(1)  # three more attempts
            await holder.end()
            assert (await room.until(change="Added"))["addresses"] == [BOX]
            complaints = warnings(await server.end())
    assert len(complaints) == len(set(complaints)), complaints  # zeroconf's own may be among them
    assert [text for text in complaints if "UDP port 5353" in text]
