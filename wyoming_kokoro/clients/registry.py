"""What a server knows of its clients, by their address."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv6Address
from typing import Protocol, TypeVar

from wyoming_kokoro.clients.fair_share import Bucket, LoopTime

# A client may use this share of one CPU on the event loop. Eight streams of 50 words a second need a tenth of it.
LOOP_SHARE = 0.25
LOOP_BURST_SECONDS = 0.1
# A connection costs about a millisecond. Home Assistant opens one for each request, and one each 30 s.
CONNECTIONS_PER_SECOND = 100.0
CONNECTION_BURST = 300.0
TOO_MANY_NEW_CONNECTIONS = "it opens too many connections in a short time"
# Clients at rest are forgotten beyond this number.
MAX_CLIENTS = 1000
# Text and events of all clients that wait to be spoken. A text takes up to ten times as much memory.
MAX_HELD_BYTES = 16 * 1024 * 1024


class ClientState:
    """One address, or one IPv6 network of 64 bits."""

    def __init__(self, name: str) -> None:
        """`name` identifies the client in requests."""
        self.name = name
        self.connections = 0
        """How many are open."""
        self.new_connections = Bucket(CONNECTIONS_PER_SECOND, CONNECTION_BURST)
        self.loop_time = LoopTime(LOOP_SHARE, LOOP_BURST_SECONDS)
        self.held_bytes = 0
        """Text and events that wait to be spoken."""

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is lost when the client is forgotten."""
        return not self.connections and self.loop_time.is_full and self.new_connections.is_full

    def take_new_connection(self) -> bool:
        """Count one more new connection. Return False if the client may not open it now."""
        may_connect = self.new_connections.level >= 1
        if may_connect:
            self.new_connections.take(1)
        return may_connect


class Clients:
    """Finds clients by address, and limits the bytes that they hold together."""

    def __init__(self, max_held_bytes: int = MAX_HELD_BYTES) -> None:
        self._by_name: dict[str, ClientState] = {}
        self._free_bytes = max_held_bytes

    def find(self, address: str) -> ClientState:
        """Return the client at `address`, which is empty for a local one."""
        name = network_of(address)
        if name not in self._by_name:
            if len(self._by_name) >= MAX_CLIENTS:
                self._by_name = {known: client for known, client in self._by_name.items() if not client.is_at_rest}
            self._by_name[name] = ClientState(name)
        return self._by_name[name]

    def hold(self, client: ClientState, size: int) -> bool:
        """Let `client` hold `size` more bytes. Return whether it may: no more than are free for others after that."""
        if client.held_bytes + size > self._free_bytes - size:
            return False
        client.held_bytes += size
        self._free_bytes -= size
        return True

    def release(self, client: ClientState, size: int) -> None:
        """Free bytes of `hold`."""
        client.held_bytes -= size
        self._free_bytes += size


class OpenConnection(Protocol):
    """A connection that may be closed to make room for another one."""

    @property
    def client(self) -> ClientState:
        """The client of the connection."""

    @property
    def idle_seconds(self) -> float:
        """How long the server has waited for the client; 0 while the client waits for the server."""


Connection = TypeVar("Connection", bound=OpenConnection)


def find_longest_idle(connections: Iterable[Connection]) -> Connection | None:
    """Return the connection of the client with the most connections that is idle longest, or None if none is idle."""
    idle = (connection for connection in connections if connection.idle_seconds > 0)
    return max(idle, key=lambda connection: (connection.client.connections, connection.idle_seconds), default=None)


def network_of(address: str) -> str:
    """Return `address`, or the network of 64 bits of an IPv6 address: a device may have any address of it."""
    if ":" not in address:
        return address
    try:
        parsed = IPv6Address(address)
    except ValueError:
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
