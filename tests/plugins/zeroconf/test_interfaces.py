"""Reading the interfaces of this machine and their description in /sys and /proc."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from wyoming_kokoro_zeroconf.addresses import Interface
from wyoming_kokoro_zeroconf.interfaces import read_interfaces, resolve_host


def loopback(interfaces: Sequence[Interface]) -> Interface:
    return next(interface for interface in interfaces if "127.0.0.1" in interface.addresses)


def read_loopback(folder: Path, *paths: str, state: str = "unknown") -> Interface:
    """Read the loopback interface with a fake /sys, which has `paths` and the operational `state`.

    `LO` in a path stands for the name of the interface. In the fake /proc, the address ::1 is deprecated.
    """
    name = loopback(read_interfaces()).name
    for path in paths:
        (folder / path.replace("LO", name)).mkdir(parents=True)
    (folder / name).mkdir(exist_ok=True)
    (folder / name / "operstate").write_text(f"{state}\n")
    if_inet6 = folder / "if_inet6"
    if_inet6.write_text("00000000000000000000000000000001 01 80 10 a0       lo\n")
    return loopback(read_interfaces(folder, if_inet6))


def test_loopback_interface_is_read() -> None:
    found = loopback(read_interfaces())
    assert found.is_up
    assert found.index > 0
    assert not found.is_physical


@pytest.mark.parametrize(
    ("paths", "is_bridge", "is_physical"),
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
def test_bridge_is_physical_if_it_contains_hardware(
    tmp_path: Path, paths: Sequence[str], is_bridge: bool, is_physical: bool
) -> None:
    found = read_loopback(tmp_path, *paths)
    assert (found.is_bridge, found.is_physical) == (is_bridge, is_physical)


@pytest.mark.parametrize(
    ("state", "is_up"),
    [("up", True), ("unknown", True), ("dormant", True), ("down", False), ("lowerlayerdown", False)],
)
def test_disconnected_interface_is_down(tmp_path: Path, state: str, is_up: bool) -> None:
    assert read_loopback(tmp_path, state=state).is_up is is_up


def test_deprecated_address_is_left_out(tmp_path: Path) -> None:
    assert "::1" not in read_loopback(tmp_path).addresses


def test_reachable_addresses_of_a_host_are_resolved() -> None:
    assert resolve_host("192.168.77.9") == ("192.168.77.9",)
    assert resolve_host("fd00::9") == ("fd00::9",)


@pytest.mark.parametrize(
    ("host", "reason"), [("localhost", "has no address that other machines"), ("no.such.host.invalid", "be resolved")]
)
def test_host_without_reachable_address_is_an_error(host: str, reason: str) -> None:
    with pytest.raises(OSError, match=f"{host} .*{reason}"):
        resolve_host(host)
