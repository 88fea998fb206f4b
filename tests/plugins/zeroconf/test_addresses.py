"""Which addresses are announced: one row a home."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro_zeroconf.addresses import WILDCARDS, Interface, can_be_announced, select_addresses
from wyoming_kokoro_zeroconf.interfaces import read_interfaces

BOTH = ("0.0.0.0", "::")
LO = Interface("lo", 1, ("127.0.0.1", "::1"))
ETH = Interface("eth0", 2, ("192.168.1.5", "2001:db8::5", "fd00::5", "fe80::5"), is_physical=True)
WIFI = Interface("wlan0", 3, ("192.168.2.5",), is_physical=True)
DOCKER = Interface("docker0", 4, ("172.17.0.1",), is_bridge=True)
BRIDGE = Interface("br0", 5, ("192.168.1.9",), is_bridge=True, is_physical=True)
GUESTS = Interface("br1", 6, ("10.9.0.1",), is_bridge=True)
ROUTER = Interface("br-lan", 7, ("192.168.1.1",), is_bridge=True, is_physical=True)
VPN = Interface("tailscale0", 8, ("100.64.0.7",))
UNPLUGGED = Interface("eth1", 9, ("10.1.1.5",), is_up=False, is_physical=True)
INSIDE = Interface("eth0", 2, ("172.17.0.2",))
SERVICE = Interface("lo", 1, ("127.0.0.1", "10.10.10.10"))

HOMES: list[tuple[str, Sequence[Interface], Sequence[str], Sequence[str], Sequence[str]]] = [
    ("IPv4 comes first", [LO, ETH], BOTH, (), ["192.168.1.5", "2001:db8::5", "fd00::5"]),
    ("only IPv4 is bound", [LO, ETH], ["0.0.0.0"], (), ["192.168.1.5"]),
    ("only IPv6 is bound", [LO, ETH], ["::"], (), ["2001:db8::5", "fd00::5"]),
    ("cable and air", [WIFI, ETH], ["0.0.0.0"], (), ["192.168.2.5", "192.168.1.5"]),
    ("a Docker host", [LO, DOCKER, ETH], ["0.0.0.0"], (), ["192.168.1.5"]),
    ("a bridge with a card", [BRIDGE, GUESTS], ["0.0.0.0"], (), ["192.168.1.9"]),
    ("a router", [ROUTER], ["0.0.0.0"], (), ["192.168.1.1"]),
    ("a private network", [VPN, ETH], ["0.0.0.0"], (), ["192.168.1.5"]),
    ("the owner wants the private network", [VPN, ETH], ["0.0.0.0"], ["tailscale0"], ["100.64.0.7"]),
    ("the owner wants an interface that is not there", [ETH], BOTH, ["eth7"], []),
    ("an unplugged cable", [UNPLUGGED, WIFI], ["0.0.0.0"], (), ["192.168.2.5"]),
    ("inside a container", [LO, INSIDE], BOTH, (), ["172.17.0.2"]),
    ("a service address on the loopback", [SERVICE, ETH], ["0.0.0.0"], (), ["192.168.1.5"]),
    ("that service address is bound", [SERVICE, ETH], ["10.10.10.10"], (), ["10.10.10.10"]),
    ("a bound address", [LO, ETH, WIFI], ["192.168.2.5"], (), ["192.168.2.5"]),
    ("a bound address of Docker's", [ETH, DOCKER], ["172.17.0.1"], (), ["172.17.0.1"]),
    ("a bound address that is gone", [ETH], ["192.168.1.77"], (), []),
    ("a bound address where the owner wants another interface", [ETH, WIFI], ["192.168.2.5"], ["eth0"], []),
    ("a bound loopback", [LO, ETH], ["127.0.0.1", "::1"], (), []),
    ("a bound link-local", [ETH], ["fe80::5"], (), []),
    ("no network", [LO], BOTH, (), []),
]


@pytest.mark.parametrize(("home", "found", "hosts", "only", "addresses"), HOMES, ids=[row[0] for row in HOMES])
def test_what_is_announced(
    home: str, found: Sequence[Interface], hosts: Sequence[str], only: Sequence[str], addresses: Sequence[str]
) -> None:
    assert list(select_addresses(found, hosts, only).addresses) == addresses


NAMES = {
    "real": "eth0 en0 enp3s0 end0 eno1 enx0c37 wlan0 wlan0.20 bond0 team0 br0 bridge0 vmbr0 macvlan0 usb0",
    "virtual": "lo lo0 docker0 docker_gwbridge br-0123456789ab veth1a2b hassio podman0 cni0 cni-podman0 "
    "flannel.1 cali123 cilium_host kube-bridge lxcbr0 lxdbr0 incusbr0 virbr0 vnet3 vmnet8 vboxnet0 "
    "bridge100 dummy0 ifb0 utun3 tun0 tap0 wg0 tailscale0 ztabcdef ipsec0 ppp0 wwan0",
}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in NAMES.items() for name in names.split()])
def test_a_name_tells_what_leads_home(kind: str, name: str) -> None:
    chosen = select_addresses([Interface(name, 1, ("10.0.0.5",))], BOTH)
    assert bool(chosen.addresses) is (kind == "real")


def test_one_origin_a_family_and_interface() -> None:
    """Two sockets of one interface would say everything twice."""
    second = Interface("eth0", 2, ("192.168.1.6",), is_physical=True)
    assert select_addresses([ETH, second, WIFI], BOTH).sources == (
        ("192.168.1.5", 2),
        ("192.168.2.5", 3),
        ("2001:db8::5", 2),
    )


def test_an_interface_that_is_made_anew_is_another_presence() -> None:
    again = Interface("wlan0", 12, WIFI.addresses, is_physical=True)
    assert select_addresses([WIFI], BOTH) != select_addresses([again], BOTH)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "169.254.3.4", "fe80::1", "fe80::1%2"])
def test_what_no_other_machine_reaches_is_not_announced(host: str) -> None:
    assert not can_be_announced(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "fd00::5", "2001:db8::5"])
def test_what_other_machines_reach_can_be_announced(host: str) -> None:
    assert can_be_announced(host)


ADDRESSES = st.one_of(
    st.ip_addresses().map(str),
    st.sampled_from(["0.0.0.0", "::", "127.0.0.1", "::1", "169.254.1.1", "224.0.0.251", "ff02::fb", "fe80::1"]),
)
ADAPTERS = st.builds(
    Interface,
    name=st.sampled_from(["lo", "eth0", "eth1", "wlan0", "docker0", "br0", "veth9", "wg0"]),
    index=st.integers(0, 9),
    addresses=st.lists(ADDRESSES, max_size=4).map(tuple),
    is_up=st.booleans(),
    is_bridge=st.booleans(),
    is_physical=st.booleans(),
)
HOSTS = st.lists(st.one_of(st.sampled_from([*WILDCARDS]), ADDRESSES), max_size=3)


OUTSIDE = [
    *map(ip_network, ("0.0.0.0/32", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4")),
    *map(ip_network, ("::/128", "::1/128", "fe80::/10", "ff00::/8")),
]


@given(st.lists(ADAPTERS, max_size=5), HOSTS, st.lists(st.sampled_from(["eth0", "wg0"]), max_size=2))
def test_whatever_a_machine_looks_like(found: list[Interface], hosts: list[str], only: list[str]) -> None:
    presence = select_addresses(found, hosts, only)
    parsed = [ip_address(address) for address in presence.addresses]
    assert parsed == sorted(parsed, key=lambda address: address.version)
    assert len(set(presence.addresses)) == len(presence.addresses)
    for address in parsed:
        assert is_of_a_home(address)
        assert str(address) in hosts or ("0.0.0.0" if address.version == 4 else "::") in hosts
        assert any(str(address) in interface.addresses for interface in found if interface.is_up)
    assert {address for address, _ in presence.sources} <= set(presence.addresses)
    assert bool(presence.sources) is bool(presence.addresses)


def is_of_a_home(address: IPv4Address | IPv6Address) -> bool:
    return not any(address in network for network in OUTSIDE if network.version == address.version)


def test_the_interfaces_of_this_machine_are_read() -> None:
    found = {interface.name: interface for interface in read_interfaces()}
    loopback = next(interface for interface in found.values() if "127.0.0.1" in interface.addresses)
    assert loopback.is_up
    assert loopback.index > 0
    assert not loopback.is_physical


def described(folder: Path, *links: str, state: str = "unknown") -> Interface:
    """Read this machine's interfaces as if Linux described the loopback by `links` and `state`."""
    name = next(interface.name for interface in read_interfaces() if "127.0.0.1" in interface.addresses)
    for link in links:
        (folder / link.replace("LO", name)).mkdir(parents=True)
    (folder / name).mkdir(exist_ok=True)
    (folder / name / "operstate").write_text(f"{state}\n")
    ipv6 = folder / "if_inet6"
    ipv6.write_text("00000000000000000000000000000001 01 80 10 a0       lo\n")
    return next(interface for interface in read_interfaces(folder, ipv6) if interface.name == name)


@pytest.mark.parametrize(
    ("links", "bridge", "physical"),
    [
        ((), False, False),
        (("LO/device",), False, True),
        (("LO/lower_eth0", "eth0/device"), False, False),
        (("LO/bridge", "LO/lower_veth1", "veth1"), True, False),
        (("LO/bridge", "LO/lower_eth0", "eth0/device"), True, True),
        (
            ("LO/bridge", "LO/lower_bond0.7", "bond0.7/lower_bond0", "bond0/lower_eth0", "eth0/device"),
            True,
            True,
        ),
        (("LO/bridge", "LO/lower_a", "a/lower_b", "b/lower_a"), True, False),
    ],
)
def test_a_bridge_is_judged_by_what_is_below(
    tmp_path: Path, links: Sequence[str], bridge: bool, physical: bool
) -> None:
    found = described(tmp_path, *links)
    assert (found.is_bridge, found.is_physical) == (bridge, physical)


@pytest.mark.parametrize(
    ("state", "is_up"),
    [("up", True), ("unknown", True), ("dormant", True), ("down", False), ("lowerlayerdown", False)],
)
def test_an_interface_without_a_cable_is_down(tmp_path: Path, state: str, is_up: bool) -> None:
    assert described(tmp_path, state=state).is_up is is_up


def test_addresses_that_run_out_are_left_out(tmp_path: Path) -> None:
    """The flag 20 that the fake table gives to ::1 is Linux's `deprecated`."""
    assert "::1" not in described(tmp_path).addresses
