"""Which addresses are announced, on the networks of different homes."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro_zeroconf.addresses import WILDCARDS, Interface, can_be_announced, select_addresses

BOTH = ("0.0.0.0", "::")
LO = Interface("lo", 1, ("127.0.0.1", "::1"))
ETH = Interface("eth0", 2, ("192.168.1.5", "2001:db8::5", "fd00::5", "fe80::5"), is_physical=True)
WIFI = Interface("wlan0", 3, ("192.168.2.5",), is_physical=True)
DOCKER = Interface("docker0", 4, ("172.17.0.1",), is_bridge=True)
BRIDGE = Interface("br0", 5, ("192.168.1.9",), is_bridge=True, is_physical=True)
VIRTUAL_BRIDGE = Interface("br1", 6, ("10.9.0.1",), is_bridge=True)
ROUTER = Interface("br-lan", 7, ("192.168.1.1",), is_bridge=True, is_physical=True)
VPN = Interface("tailscale0", 8, ("100.64.0.7",))
UNPLUGGED = Interface("eth1", 9, ("10.1.1.5",), is_up=False, is_physical=True)
CONTAINER = Interface("eth0", 2, ("172.17.0.2",))
SERVICE = Interface("lo", 1, ("127.0.0.1", "10.10.10.10"))

HOMES: list[tuple[str, Sequence[Interface], Sequence[str], Sequence[str], Sequence[str]]] = [
    ("IPv4 comes first", [LO, ETH], BOTH, (), ["192.168.1.5", "2001:db8::5", "fd00::5"]),
    ("only IPv4 is bound", [LO, ETH], ["0.0.0.0"], (), ["192.168.1.5"]),
    ("only IPv6 is bound", [LO, ETH], ["::"], (), ["2001:db8::5", "fd00::5"]),
    ("Ethernet and Wi-Fi", [WIFI, ETH], ["0.0.0.0"], (), ["192.168.2.5", "192.168.1.5"]),
    ("Docker host", [LO, DOCKER, ETH], ["0.0.0.0"], (), ["192.168.1.5"]),
    ("bridge with hardware", [BRIDGE, VIRTUAL_BRIDGE], ["0.0.0.0"], (), ["192.168.1.9"]),
    ("router", [ROUTER], ["0.0.0.0"], (), ["192.168.1.1"]),
    ("VPN", [VPN, ETH], ["0.0.0.0"], (), ["192.168.1.5"]),
    ("VPN selected by the operator", [VPN, ETH], ["0.0.0.0"], ["tailscale0"], ["100.64.0.7"]),
    ("missing interface selected by the operator", [ETH], BOTH, ["eth7"], []),
    ("unplugged cable", [UNPLUGGED, WIFI], ["0.0.0.0"], (), ["192.168.2.5"]),
    ("inside a container", [LO, CONTAINER], BOTH, (), ["172.17.0.2"]),
    ("service address on the loopback interface", [SERVICE, ETH], ["0.0.0.0"], (), ["192.168.1.5"]),
    ("bound service address", [SERVICE, ETH], ["10.10.10.10"], (), ["10.10.10.10"]),
    ("bound address", [LO, ETH, WIFI], ["192.168.2.5"], (), ["192.168.2.5"]),
    ("bound address of Docker", [ETH, DOCKER], ["172.17.0.1"], (), ["172.17.0.1"]),
    ("bound address that was removed", [ETH], ["192.168.1.77"], (), []),
    ("bound address on an interface that is not selected", [ETH, WIFI], ["192.168.2.5"], ["eth0"], []),
    ("bound loopback address", [LO, ETH], ["127.0.0.1", "::1"], (), []),
    ("bound link-local address", [ETH], ["fe80::5"], (), []),
    ("no network", [LO], BOTH, (), []),
]


@pytest.mark.parametrize(("home", "interfaces", "hosts", "only", "addresses"), HOMES, ids=[row[0] for row in HOMES])
def test_selected_addresses(
    home: str, interfaces: Sequence[Interface], hosts: Sequence[str], only: Sequence[str], addresses: Sequence[str]
) -> None:
    assert list(select_addresses(interfaces, hosts, only).addresses) == addresses


NAMES = {
    "real": "eth0 en0 enp3s0 end0 eno1 enx0c37 wlan0 wlan0.20 bond0 team0 br0 bridge0 vmbr0 macvlan0 usb0",
    "virtual": "lo lo0 docker0 docker_gwbridge br-0123456789ab veth1a2b hassio podman0 cni0 cni-podman0 "
    "flannel.1 cali123 cilium_host kube-bridge lxcbr0 lxdbr0 incusbr0 virbr0 vnet3 vmnet8 vboxnet0 "
    "bridge100 dummy0 ifb0 utun3 tun0 tap0 wg0 tailscale0 ztabcdef ipsec0 ppp0 wwan0",
}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in NAMES.items() for name in names.split()])
def test_virtual_interface_is_recognized_by_name(kind: str, name: str) -> None:
    selected = select_addresses([Interface(name, 1, ("10.0.0.5",))], BOTH)
    assert bool(selected.addresses) is (kind == "real")


def test_each_interface_and_ip_version_has_one_source() -> None:
    """Two sockets on one interface would send each message twice."""
    second = Interface("eth0", 2, ("192.168.1.6",), is_physical=True)
    assert select_addresses([ETH, second, WIFI], BOTH).sources == (
        ("192.168.1.5", 2),
        ("192.168.2.5", 3),
        ("2001:db8::5", 2),
    )


def test_recreated_interface_changes_the_announcement() -> None:
    recreated = Interface("wlan0", 12, WIFI.addresses, is_physical=True)
    assert select_addresses([WIFI], BOTH) != select_addresses([recreated], BOTH)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "169.254.3.4", "fe80::1", "fe80::1%2"])
def test_unreachable_host_cannot_be_announced(host: str) -> None:
    assert not can_be_announced(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "fd00::5", "2001:db8::5"])
def test_reachable_host_can_be_announced(host: str) -> None:
    assert can_be_announced(host)


ADDRESSES = st.one_of(
    st.ip_addresses().map(str),
    st.sampled_from(["0.0.0.0", "::", "127.0.0.1", "::1", "169.254.1.1", "224.0.0.251", "ff02::fb", "fe80::1"]),
)
INTERFACES = st.builds(
    Interface,
    name=st.sampled_from(["lo", "eth0", "eth1", "wlan0", "docker0", "br0", "veth9", "wg0"]),
    index=st.integers(0, 9),
    addresses=st.lists(ADDRESSES, max_size=4).map(tuple),
    is_up=st.booleans(),
    is_bridge=st.booleans(),
    is_physical=st.booleans(),
)
HOSTS = st.lists(st.one_of(st.sampled_from([*WILDCARDS]), ADDRESSES), max_size=3)
UNREACHABLE = [
    *map(ip_network, ("0.0.0.0/32", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4")),
    *map(ip_network, ("::/128", "::1/128", "fe80::/10", "ff00::/8")),
]


def is_reachable(address: IPv4Address | IPv6Address) -> bool:
    return not any(address in network for network in UNREACHABLE if network.version == address.version)


@given(st.lists(INTERFACES, max_size=5), HOSTS, st.lists(st.sampled_from(["eth0", "wg0"]), max_size=2))
def test_selected_addresses_are_bound_reachable_and_unique(
    interfaces: list[Interface], hosts: list[str], only: list[str]
) -> None:
    selected = select_addresses(interfaces, hosts, only)
    parsed = [ip_address(address) for address in selected.addresses]
    assert parsed == sorted(parsed, key=lambda address: address.version)
    assert len(set(selected.addresses)) == len(selected.addresses)
    for address in parsed:
        assert is_reachable(address)
        assert str(address) in hosts or ("0.0.0.0" if address.version == 4 else "::") in hosts
        assert any(str(address) in interface.addresses for interface in interfaces if interface.is_up)
    assert {address for address, _ in selected.sources} <= set(selected.addresses)
    assert bool(selected.sources) is bool(selected.addresses)
