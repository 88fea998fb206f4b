"""Selects the addresses of this machine to announce in the home network."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

WILDCARDS = {"0.0.0.0": 4, "::": 6}  # noqa: S104 compared with, never bound
# VPN interfaces such as Tailscale's count as virtual: multicast does not cross them, and to a Home Assistant in the
# same home their addresses are a detour.
VIRTUAL = re.compile(
    r"""lo\d*$                                             # loopback, with addresses of services
    | docker | br- | veth | hassio | podman | cni | flannel | cali | cilium | kube-  # containers
    | lxc | lxdbr | incusbr | virbr | vnet | vmnet | vboxnet | bridge\d{3}$ | dummy | ifb  # virtual machines
    | utun | tun | tap | wg | tailscale | zt | ipsec | ppp | wwan                    # VPN and mobile networks
    """,
    re.VERBOSE,
)
"""Name prefixes of interfaces that other machines of the home cannot reach."""


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface as the operating system describes it."""

    name: str
    index: int
    """Number given by the operating system. An interface that is removed and created again gets another number."""
    addresses: tuple[str, ...]
    is_up: bool = True
    is_bridge: bool = False
    is_physical: bool = False
    """Whether it is hardware, or a bridge with hardware among its members."""


@dataclass(frozen=True, slots=True)
class ServiceAnnouncement:
    """The addresses to announce, and the addresses to announce them from."""

    addresses: tuple[str, ...] = ()
    """Sorted: IPv4 first."""
    sources: tuple[tuple[str, int], ...] = ()
    """One address for each interface and IP version, with the index of the interface."""


def can_be_announced(host: str) -> bool:
    """Return whether other machines can reach a server that is bound to `host`."""
    return host in WILDCARDS or is_reachable(host)


def select_addresses(
    interfaces: Sequence[Interface], hosts: Collection[str], only: Collection[str] = ()
) -> ServiceAnnouncement:
    """Return the announcement of a server that is bound to `hosts`.

    `only` names the interfaces to announce on. If it is empty, the interfaces of the home network are selected.
    An address in `hosts` is announced on any kind of interface.
    """
    found = [
        (address, interface)
        for interface in interfaces
        if interface.is_up and (not only or interface.name in only)
        for address in _announced(interface, hosts, is_selected=bool(only))
    ]
    found.sort(key=lambda pair: _version(pair[0]))
    sources: dict[tuple[int, str], tuple[str, int]] = {}
    for address, interface in found:
        sources.setdefault((_version(address), interface.name), (address, interface.index))
    addresses = dict.fromkeys(address for address, _ in found)
    return ServiceAnnouncement(tuple(addresses), tuple(sources.values()))


def _announced(interface: Interface, hosts: Collection[str], is_selected: bool) -> Iterator[str]:
    versions = {WILDCARDS[host] for host in hosts if host in WILDCARDS}
    for address in interface.addresses:
        matches_wildcard = _version(address) in versions and (is_selected or _is_home_interface(interface))
        if is_reachable(address) and (matches_wildcard or address in hosts):
            yield address


def _is_home_interface(interface: Interface) -> bool:
    # The members of a bridge decide: `br-lan` of OpenWrt contains hardware, a `br0` of containers does not.
    return interface.is_physical if interface.is_bridge else not VIRTUAL.match(interface.name)


def is_reachable(address: str) -> bool:
    """Return whether other machines can connect to `address`."""
    found = ip_address(address)
    return not (found.is_unspecified or found.is_loopback or found.is_link_local or found.is_multicast)


def _version(address: str) -> int:
    return ip_address(address).version
