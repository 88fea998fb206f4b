from __future__ import annotations

from dataclasses import dataclass

import pytest

from wyoming_kokoro.clients.registry import MAX_CLIENTS, Clients, ClientState, find_longest_idle, network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.168.1.7", "192.168.1.7"),
        ("::ffff:192.168.1.7", "192.168.1.7"),
        ("fd00:1:2:3:4:5:6:7", "fd00:1:2:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("a path", "a path"),
    ],
)
def test_address_belongs_to_a_client(address: str, network: str) -> None:
    assert network_of(address) == network


def test_clients_with_connections_are_remembered_and_those_at_rest_are_forgotten() -> None:
    clients = Clients()
    busy = clients.find("192.0.2.1")
    busy.connections = 1
    at_rest = clients.find("192.0.2.2")
    for number in range(MAX_CLIENTS):
        clients.find(f"198.51.100.{number}")
    assert clients.find("192.0.2.1") is busy
    assert clients.find("192.0.2.2") is not at_rest


def test_clients_that_hold_all_they_may_leave_room_for_another() -> None:
    clients = Clients(max_held_bytes=1200)
    for number in range(3):
        hoarder = clients.find(str(number))
        while clients.hold(hoarder, 10):
            pass
    assert [clients.find(str(number)).held_bytes for number in range(3)] == [600, 300, 150]
    newcomer = clients.find("new")
    assert clients.hold(newcomer, 60)
    clients.release(newcomer, 60)
    clients.release(clients.find("0"), 600)
    assert clients.hold(newcomer, 350)


@dataclass(frozen=True)
class IdleConnection:
    client: ClientState
    idle_seconds: float


def test_connection_that_is_idle_longest_of_the_largest_crowd_is_found() -> None:
    few, many = ClientState("few"), ClientState("many")
    few.connections, many.connections = 1, 3
    busy, old, new = IdleConnection(many, 0.0), IdleConnection(many, 5.0), IdleConnection(many, 1.0)
    lonely = IdleConnection(few, 60.0)
    assert find_longest_idle([lonely, busy, new, old]) is old
    assert find_longest_idle([lonely, busy]) is lonely
    assert find_longest_idle([busy]) is None
