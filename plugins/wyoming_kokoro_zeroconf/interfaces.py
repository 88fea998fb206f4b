"""Reads which network interfaces this machine has. Everything here blocks, if only for a moment."""

from __future__ import annotations

from ipaddress import IPv6Address
from pathlib import Path

import ifaddr

from wyoming_kokoro_zeroconf.addresses import Interface

SYS_CLASS_NET = Path("/sys/class/net")
IF_INET6 = Path("/proc/net/if_inet6")
NOT_CONNECTED = ("down", "lowerlayerdown", "notpresent")
TEMPORARY, DAD_FAILED, DEPRECATED, TENTATIVE = 0x01, 0x08, 0x20, 0x40
MAX_BRIDGE_DEPTH = 4
"""A bridge over a VLAN over a bond over a card is as deep as anybody builds."""


def read_interfaces(system: Path = SYS_CLASS_NET, ipv6: Path = IF_INET6) -> tuple[Interface, ...]:
    """Return the interfaces that have addresses. Raises `OSError`.

    `system` and `ipv6` are Linux's descriptions; where they are missing, names must do.
    """
    unstable = _unstable_addresses(ipv6)
    return tuple(_read_interface(found, system, unstable) for found in ifaddr.get_adapters())


def _read_interface(found: ifaddr.Adapter, system: Path, unstable: set[str]) -> Interface:
    name = str(found.name).partition(":")[0]  # eth0:1 is another address of eth0
    addresses = tuple(address for address in map(_text, found.ips) if address not in unstable)
    bridge = (system / name / "bridge").exists()
    depth = MAX_BRIDGE_DEPTH if bridge else 0
    return Interface(
        name, found.index or 0, addresses, _is_up(system / name), bridge, _has_hardware(system / name, depth)
    )


def _text(address: ifaddr.IP) -> str:
    return str(address.ip[0] if isinstance(address.ip, tuple) else address.ip)


def _unstable_addresses(file: Path) -> set[str]:
    """Return the IPv6 addresses that are changed for privacy's sake, run out or not yet to be used."""
    try:
        rows = [line.split() for line in file.read_text().splitlines()]
    except OSError:
        return set()
    unstable = TEMPORARY | DAD_FAILED | DEPRECATED | TENTATIVE
    return {str(IPv6Address(bytes.fromhex(row[0]))) for row in rows if int(row[4], 16) & unstable}


def _is_up(interface: Path) -> bool:
    try:
        return (interface / "operstate").read_text().strip() not in NOT_CONNECTED
    except OSError:
        return True


def _has_hardware(interface: Path, depth: int) -> bool:
    """Return whether `interface` is a device, or has one at most `depth` interfaces below it."""
    if (interface / "device").exists():
        return True
    below = [link.name.removeprefix("lower_") for link in interface.glob("lower_*")] if depth else []
    return any(_has_hardware(interface.parent / name, depth - 1) for name in below)
