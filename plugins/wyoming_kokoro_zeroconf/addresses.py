"""Decides which addresses of this machine are worth telling a home network."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

WILDCARDS = {"0.0.0.0": 4, "::": 6}  # noqa: S104 these are compared with, never bound
VIRTUAL = re.compile(
    r"""lo\d*$                                             # services' own addresses on the loopback
    | docker | br- | veth | hassio | podman | cni | flannel | cali | cilium | kube-  # containers
    | lxc | lxdbr | incusbr | virbr | vnet | vmnet | vboxnet | bridge\d{3}$ | dummy | ifb  # machines
    | utun | tun | tap | wg | tailscale | zt | ipsec | ppp | wwan                    # private networks
    """,
    re.VERBOSE,
)
"""Interfaces that no other machine of the home can reach, by what their names begin with.

Private networks such as Tailscale's are among them: multicast does not travel there, and to Home
Assistant in the same home their address would be a detour that ends with the subscription.
"""


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface as the system describes it."""

    name: str
    index: int
    """The system's number for it; an interface that is made anew gets another."""
    addresses: tuple[str, ...]
    is_up: bool = True
    """Whether something is at the other end of the cable."""
    is_bridge: bool = False
    is_physical: bool = False
    """Whether it is hardware, or a bridge that has hardware among its members."""


@dataclass(frozen=True, slots=True)
class ServiceAnnouncement:
    """What to announce, and from where."""

    addresses: tuple[str, ...] = ()
    """IPv4 first."""
    sources: tuple[tuple[str, int], ...] = ()
    """An address a family and interface to speak from, with the interface's index."""


def can_be_announced(host: str) -> bool:
    """Return whether a server bound to `host` has anything to tell other machines."""
    return host in WILDCARDS or _is_reachable(host)


def select_addresses(
    interfaces: Sequence[Interface], hosts: Collection[str], only: Collection[str] = ()
) -> ServiceAnnouncement:
    """Return what a server that is bound to `hosts` announces.

    `only` names the interfaces that the owner wants; without it, those are taken that lead into a
    home's network. An address that the server is bound to by itself is taken wherever it is.
    """
    found = [
        (address, interface)
        for interface in interfaces
        if interface.is_up and (not only or interface.name in only)
        for address in _announced(interface, hosts, chosen=bool(only))
    ]
    found.sort(key=lambda pair: _version(pair[0]))
    sources: dict[tuple[int, str], tuple[str, int]] = {}
    for address, interface in found:
        sources.setdefault((_version(address), interface.name), (address, interface.index))
    addresses = dict.fromkeys(address for address, _ in found)
    return ServiceAnnouncement(tuple(addresses), tuple(sources.values()))


def _announced(interface: Interface, hosts: Collection[str], chosen: bool) -> Iterator[str]:
    families = {WILDCARDS[host] for host in hosts if host in WILDCARDS}
    for address in interface.addresses:
        everywhere = _version(address) in families and (chosen or _is_home_interface(interface))
        if _is_reachable(address) and (everywhere or address in hosts):
            yield address


def _is_home_interface(interface: Interface) -> bool:
    """A bridge is judged by its members: OpenWrt's `br-lan` is real, a `br0` of containers is not."""
    return interface.is_physical if interface.is_bridge else not VIRTUAL.match(interface.name)


def _is_reachable(address: str) -> bool:
    found = ip_address(address)
    return not (found.is_unspecified or found.is_loopback or found.is_link_local or found.is_multicast)


def _version(address: str) -> int:
    return ip_address(address).version
