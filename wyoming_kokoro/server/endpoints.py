"""Where the server listens: URIs, and the sockets they stand for."""

from __future__ import annotations

import errno
import os
import socket
import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from wyoming_kokoro.errors import ConfigError, StartupError
from wyoming_kokoro.types import Address

URI_FORMS = "tcp://HOST:PORT, tcp://:PORT, unix:///PATH or stdio://"
SOCKET_MODE = 0o660
"""Who may use a Unix socket: the server's user and group."""
SAME_PORT_ATTEMPTS = 10
"""A port that is free in one address family may be taken in the other."""
PROBE_SECONDS = 1.0
KEEP_ALIVE_SECONDS = 60
UNAVAILABLE = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class TcpEndpoint:
    """A TCP port. No host stands for every interface, port 0 for any free port."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class UnixEndpoint:
    """A Unix socket."""

    path: Path


@dataclass(frozen=True, slots=True)
class StdioEndpoint:
    """The process's own stdin and stdout: one client."""


Endpoint = TcpEndpoint | UnixEndpoint | StdioEndpoint


def parse_endpoint(uri: str) -> Endpoint:
    """Return what `uri` stands for. Raises `ConfigError` with the right forms."""
    if uri == "stdio://":
        return StdioEndpoint()
    try:
        parts = urlsplit(uri)
        if parts.query or parts.fragment:
            raise ValueError
        if parts.scheme == "tcp":
            return _tcp(parts)
        if parts.scheme == "unix":
            return _unix(parts)
    except ValueError:
        pass
    raise ConfigError("configuration", "server.uri", f"{uri!r} is not one of {URI_FORMS}")


def parse_networks(allow: tuple[str, ...]) -> tuple[Network, ...]:
    """Return the networks that may connect. Raises `ConfigError`."""
    found = []
    for text in allow:
        try:
            found.append(ip_network(text, strict=False))
        except ValueError:
            reason = f"{text!r} is not a network such as 192.168.1.0/24 or fd00::/8"
            raise ConfigError("configuration", "server.allowed_networks", reason) from None
    return tuple(found)


def in_networks(host: str, allowed: tuple[Network, ...]) -> bool:
    """Return whether the peer address `host` belongs to one of `allowed`."""
    address: IPv4Address | IPv6Address = ip_address(host)
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address in network for network in allowed)


def bind_tcp(endpoint: TcpEndpoint) -> list[socket.socket]:
    """Return bound sockets for `endpoint`, all on one port. Raises `StartupError`. Looks up names."""
    try:
        return _bind_one_port(endpoint)
    except OSError as error:
        raise StartupError(_explain_bind_error(error, endpoint)) from None


def is_tcp(sock: socket.socket) -> bool:
    """Return whether `sock` is one of TCP."""
    return sock.family in (socket.AF_INET, socket.AF_INET6)


def addresses_of(bound: Sequence[socket.socket]) -> tuple[Address, ...]:
    """Return the TCP addresses of `bound`; a dual-stack socket has two, a Unix socket none."""
    found = []
    for sock in filter(is_tcp, bound):
        host, port = sock.getsockname()[:2]
        if host == "::" and not sock.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY):
            found.append(Address("0.0.0.0", port))  # noqa: S104 the owner asked for every interface
        found.append(Address(host, port))
    return tuple(found)


def enable_keepalive(sock: socket.socket) -> None:
    """Let the TCP connections of `sock` end, after minutes, when the peer lost its power or its network."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_KEEPIDLE"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEP_ALIVE_SECONDS)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, KEEP_ALIVE_SECONDS)


def bind_unix(path: Path) -> tuple[socket.socket, int]:
    """Return a socket bound to `path`, and its inode; one that nobody listens on is replaced.

    Raises `StartupError`.
    """
    try:
        _remove_stale(path)
        sock = socket.socket(socket.AF_UNIX)
        try:
            sock.bind(str(path))
            path.chmod(SOCKET_MODE)  # in time: nobody can connect before the socket listens
            return sock, path.lstat().st_ino
        except OSError:
            sock.close()
            raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise StartupError(f"cannot listen on {path} ({reason}); choose a path that can be written") from None


def remove_socket(path: Path, inode: int) -> None:
    """Remove the socket at `path`, unless another server has put its own there."""
    with suppress(OSError):
        if path.lstat().st_ino == inode:
            path.unlink()


def _tcp(parts: SplitResult) -> TcpEndpoint:
    if parts.port is None or parts.path or parts.username is not None:
        raise ValueError
    return TcpEndpoint(parts.hostname or "", parts.port)


def _unix(parts: SplitResult) -> UnixEndpoint:
    if parts.netloc or parts.path in ("", "/"):
        raise ValueError
    return UnixEndpoint(Path(parts.path))


def _bind_one_port(endpoint: TcpEndpoint) -> list[socket.socket]:
    if not endpoint.host:
        return [_bind_every_interface(endpoint.port)]
    for _ in range(SAME_PORT_ATTEMPTS):
        try:
            return _bind_every_address(endpoint)
        except OSError as error:
            if endpoint.port or error.errno != errno.EADDRINUSE:
                raise
    raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))


def _bind_every_interface(port: int) -> socket.socket:
    if socket.has_dualstack_ipv6():
        try:
            return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
        except OSError as error:
            if error.errno not in UNAVAILABLE:
                raise
    return socket.create_server(("", port))


def _bind_every_address(endpoint: TcpEndpoint) -> list[socket.socket]:
    """Bind all addresses of a host but those of a family that this machine lacks."""
    port = endpoint.port
    bound: list[socket.socket] = []
    missing: OSError | None = None
    found = socket.getaddrinfo(endpoint.host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    for family, _, _, _, address in dict.fromkeys(found):
        try:
            bound.append(socket.create_server((address[0], port, *address[2:]), family=family))
        except OSError as error:
            if error.errno not in UNAVAILABLE:
                _close(bound)
                raise
            missing = error
        else:
            port = bound[0].getsockname()[1]
    if missing and not bound:
        raise missing
    return bound


def _close(sockets: list[socket.socket]) -> None:
    for sock in sockets:
        sock.close()


def _explain_bind_error(error: OSError, endpoint: TcpEndpoint) -> str:
    if isinstance(error, socket.gaierror):
        return f"{endpoint.host} cannot be resolved ({error.strerror}); use an address of this machine"
    if error.errno == errno.EADDRINUSE:
        return f"port {endpoint.port} is in use; stop the other server or choose another port with --uri"
    if error.errno == errno.EACCES:
        return f"port {endpoint.port} is reserved for root; choose one above 1023 with --uri"
    if error.errno in UNAVAILABLE:
        return f"{endpoint.host} is not an address of this machine; use tcp://:{endpoint.port} for every one"
    return f"cannot listen on {endpoint.host} port {endpoint.port} ({error.strerror}); choose another --uri"


def _remove_stale(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise StartupError(f"{path} is not a socket; move it away or choose another path with --uri")
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(PROBE_SECONDS)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise StartupError(f"{path} is in use; stop the other server or choose another path with --uri")
