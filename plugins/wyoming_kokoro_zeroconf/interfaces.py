"""Reads the network interfaces of this machine. All functions block for a moment."""

from __future__ import annotations

import socket
from ipaddress import IPv6Address, ip_address
from pathlib import Path

import psutil

from wyoming_kokoro_zeroconf.addresses import Interface, is_reachable

SYS_CLASS_NET = Path("/sys/class/net")
IF_INET6 = Path("/proc/net/if_inet6")
DISCONNECTED_STATES = ("down", "lowerlayerdown", "notpresent")
# Address flags of Linux: include/uapi/linux/if_addr.h
TEMPORARY, DAD_FAILED, DEPRECATED, TENTATIVE = 0x01, 0x08, 0x20, 0x40
MAX_BRIDGE_DEPTH = 4
"""Levels to search below a bridge. The deepest common stack is bridge, VLAN, bond, network card."""


def read_interfaces(sys_class_net: Path = SYS_CLASS_NET, if_inet6: Path = IF_INET6) -> tuple[Interface, ...]:
    """Return the interfaces that have addresses. Raises `OSError`.

    Without Linux's `sys_class_net` and `if_inet6`, every interface counts as connected and every address as stable.
    """
    unstable = _unstable_addresses(if_inet6)
    addresses: dict[str, list[str]] = {}
    for name, found in psutil.net_if_addrs().items():
        # The name eth0:1 denotes a second address of eth0, and fe80::1%eth0 the scope of an address.
        usable = [item.address.partition("%")[0] for item in found if item.family in (socket.AF_INET, socket.AF_INET6)]
        addresses.setdefault(name.partition(":")[0], []).extend(usable)
    return tuple(_read_interface(name, found, sys_class_net, unstable) for name, found in addresses.items() if found)


def resolve_host(host: str) -> tuple[str, ...]:
    """Return the addresses of `host` that other machines can reach, IPv4 first. Raises `OSError` if there are none."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise OSError(f"{host} cannot be resolved: {error.strerror}") from None
    addresses = {str(address[0]) for _, _, _, _, address in found}
    reachable = sorted(filter(is_reachable, addresses), key=lambda text: (ip_address(text).version, text))
    if not reachable:
        raise OSError(f"{host} has no address that other machines can reach")
    return tuple(reachable)


def _read_interface(name: str, addresses: list[str], sys_class_net: Path, unstable: set[str]) -> Interface:
    path = sys_class_net / name
    is_bridge = (path / "bridge").exists()
    return Interface(
        name,
        socket.if_nametoindex(name),
        tuple(address for address in addresses if address not in unstable),
        is_up=_is_up(path),
        is_bridge=is_bridge,
        is_physical=_has_hardware(path, MAX_BRIDGE_DEPTH if is_bridge else 0),
    )


def _unstable_addresses(if_inet6: Path) -> set[str]:
    """Return the IPv6 addresses that change for privacy, have expired or are not usable yet."""
    try:
        rows = [line.split() for line in if_inet6.read_text().splitlines()]
    except OSError:
        return set()
    unstable = TEMPORARY | DAD_FAILED | DEPRECATED | TENTATIVE
    return {str(IPv6Address(bytes.fromhex(row[0]))) for row in rows if int(row[4], 16) & unstable}


def _is_up(path: Path) -> bool:
    try:
        return (path / "operstate").read_text().strip() not in DISCONNECTED_STATES
    except OSError:
        return True


def _has_hardware(path: Path, depth: int) -> bool:
    """Return whether the interface at `path` is a device, or contains one at most `depth` levels below."""
    if (path / "device").exists():
        return True
    members = [link.name.removeprefix("lower_") for link in path.glob("lower_*")] if depth else []
    return any(_has_hardware(path.parent / name, depth - 1) for name in members)
