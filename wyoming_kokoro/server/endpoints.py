"""Endpoint URIs, and the sockets bound to them."""

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
from urllib.parse import urlsplit

from wyoming_kokoro.errors import ConfigError, StartupError
from wyoming_kokoro.types import Address, Advertised

URI_FORMS = "tcp://HOST:PORT, tcp://:PORT, unix:///PATH or stdio://"
# Only the server's user and group may connect to a Unix socket.
SOCKET_MODE = 0o660
# For port 0: a port that is free in one address family may be taken in the other; then another port is tried.
MAX_PORT_ATTEMPTS = 10
# A local server accepts within milliseconds. The limit applies to a server that hangs.
PROBE_TIMEOUT_SECONDS = 1.0
# With the kernel's nine probes, a vanished client is noticed after ten minutes instead of two hours.
KEEPALIVE_INTERVAL_SECONDS = 60
# IPv4 addresses follow `::ffff:` in IPv6 ones.
MAPPED_PREFIX_BITS = 96
# The limit of DNS for each part of a name.
MAX_LABEL_BYTES = 63
ADDRESS_UNAVAILABLE = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class TcpEndpoint:
    """A TCP address. An empty host means every interface, port 0 any free port."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class UnixEndpoint:
    """The path of a Unix socket."""

    path: Path


@dataclass(frozen=True, slots=True)
class StdioEndpoint:
    """The stdin and stdout of this process: a single client."""


Endpoint = TcpEndpoint | UnixEndpoint | StdioEndpoint


def parse_endpoint(uri: str) -> Endpoint:
    """Return the endpoint that `uri` names. Raises `ConfigError`, which lists the valid forms."""
    if uri == "stdio://":
        return StdioEndpoint()
    with suppress(ValueError):
        parts = urlsplit(uri)
        has_extras = parts.query or parts.fragment or parts.username is not None
        if parts.scheme == "tcp" and parts.port is not None and not (parts.path or has_extras):
            return TcpEndpoint(_checked_host(parts.hostname or ""), parts.port)
        if parts.scheme == "unix" and parts.path not in ("", "/") and not (parts.netloc or has_extras):
            return UnixEndpoint(Path(parts.path))
    raise ConfigError("configuration", "server.uri", f"{uri!r} is not a valid URI; use {URI_FORMS}")


def _checked_host(host: str) -> str:
    """Return `host`. Raises `ValueError` for a name that no resolver accepts; Python's raises no `OSError` for it."""
    ascii_host = host if host.isascii() else host.encode("idna").decode()
    if host and not all(0 < len(label) <= MAX_LABEL_BYTES for label in ascii_host.removesuffix(".").split(".")):
        raise ValueError("a part of the name is empty or too long")
    return host


def parse_advertised(text: str) -> Advertised:
    """Return the value of `server.advertise`. Raises `ConfigError`."""
    if text == "own":
        return "own"
    if text == "none":
        return "none"
    with suppress(ConfigError):
        endpoint = parse_endpoint(text)
        if isinstance(endpoint, TcpEndpoint) and endpoint.host and endpoint.port:
            return Address(endpoint.host, endpoint.port)
    reason = f'{text!r} cannot be announced; use "own", "none" or tcp://HOST:PORT of a load balancer'
    raise ConfigError("configuration", "server.advertise", reason)


def parse_networks(texts: tuple[str, ...], key: str = "server.allowed_networks") -> tuple[Network, ...]:
    """Return the networks of the setting `key`. Raises `ConfigError`."""
    networks = []
    for text in texts:
        try:
            networks.append(_unmapped(ip_network(text, strict=False)))
        except ValueError:
            reason = f"{text!r} is not a network; write it as 192.168.1.0/24 or fd00::/8"
            raise ConfigError("configuration", key, reason) from None
    return tuple(networks)


def _unmapped(network: Network) -> Network:
    """Return the IPv4 network that `network` contains as IPv4-mapped IPv6, or else `network`."""
    address = network.network_address
    if isinstance(address, IPv6Address) and address.ipv4_mapped and network.prefixlen >= MAPPED_PREFIX_BITS:
        return IPv4Network((address.ipv4_mapped, network.prefixlen - MAPPED_PREFIX_BITS))
    return network


def in_networks(host: str, networks: tuple[Network, ...]) -> bool:
    """Return whether the peer address `host` belongs to one of `networks`."""
    address: IPv4Address | IPv6Address = ip_address(host)
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address in network for network in networks)


def bind_tcp(endpoint: TcpEndpoint) -> list[socket.socket]:
    """Bind `endpoint` and return its sockets, all on the same port. Blocks to resolve names. Raises `StartupError`."""
    try:
        return _bind_one_port(endpoint)
    except OSError as error:
        raise StartupError(_explain_bind_error(error, endpoint)) from None


def address_of_peer(peer: object) -> str:
    """Return the IP address in the `peername` of a socket, or an empty string for a Unix socket."""
    return str(peer[0]) if isinstance(peer, tuple) else ""


def is_tcp(sock: socket.socket) -> bool:
    """Return whether `sock` is an IPv4 or IPv6 socket."""
    return sock.family in (socket.AF_INET, socket.AF_INET6)


def addresses_of(sockets: Sequence[socket.socket]) -> tuple[Address, ...]:
    """Return the TCP addresses of `sockets`: two for a dual-stack socket, none for a Unix socket."""
    addresses = []
    for sock in filter(is_tcp, sockets):
        host, port, *ipv6 = sock.getsockname()
        # A link-local address is valid on one interface only.
        if ipv6 and ipv6[1]:
            host = f"{host}%{socket.if_indextoname(ipv6[1])}"
        if host == "::" and not sock.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY):
            addresses.append(Address("0.0.0.0", port))  # noqa: S104 the configuration asks for every interface
        addresses.append(Address(host, port))
    return tuple(addresses)


def enable_keepalive(sock: socket.socket) -> None:
    """Close TCP connections of `sock` a few minutes after their peer lost power or network."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_KEEPIDLE"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_INTERVAL_SECONDS)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, KEEPALIVE_INTERVAL_SECONDS)


def bind_unix(path: Path) -> tuple[socket.socket, int]:
    """Bind a socket to `path` and return it with its inode. Replaces a stale socket. Raises `StartupError`."""
    try:
        _remove_stale(path)
        sock = socket.socket(socket.AF_UNIX)
        try:
            sock.bind(str(path))
            # No client can connect before the socket listens, so no client sees the mode before.
            path.chmod(SOCKET_MODE)
            return sock, path.lstat().st_ino
        except OSError:
            sock.close()
            raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise StartupError(f"cannot listen on {path}: {reason}; set a writable path with --uri") from None


def remove_socket(path: Path, inode: int) -> None:
    """Remove the socket at `path`, unless another server has replaced it."""
    with suppress(OSError):
        if path.lstat().st_ino == inode:
            path.unlink()


def _bind_one_port(endpoint: TcpEndpoint) -> list[socket.socket]:
    if not endpoint.host:
        return [_bind_every_interface(endpoint.port)]
    for _ in range(MAX_PORT_ATTEMPTS):
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
            if error.errno not in ADDRESS_UNAVAILABLE:
                raise
    return socket.create_server(("", port))


def _bind_every_address(endpoint: TcpEndpoint) -> list[socket.socket]:
    """Bind all addresses of a host, except those of an address family that this machine lacks."""
    port = endpoint.port
    bound: list[socket.socket] = []
    unavailable: OSError | None = None
    resolved = socket.getaddrinfo(endpoint.host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    for family, _, _, _, address in dict.fromkeys(resolved):
        try:
            bound.append(socket.create_server((address[0], port, *address[2:]), family=family))
        except OSError as error:
            if error.errno not in ADDRESS_UNAVAILABLE:
                for sock in bound:
                    sock.close()
                raise
            unavailable = error
        else:
            port = bound[0].getsockname()[1]
    if unavailable and not bound:
        raise unavailable
    return bound


def _explain_bind_error(error: OSError, endpoint: TcpEndpoint) -> str:
    if isinstance(error, socket.gaierror):
        return f"{endpoint.host} cannot be resolved: {error.strerror}; set an address of this machine with --uri"
    if error.errno == errno.EADDRINUSE:
        return f"port {endpoint.port} is in use; stop the other server or set another port with --uri"
    if error.errno == errno.EACCES:
        return f"port {endpoint.port} is reserved for root; set a port above 1023 with --uri"
    if error.errno in ADDRESS_UNAVAILABLE:
        return f"{endpoint.host} is not an address of this machine; use --uri tcp://:{endpoint.port} for all of them"
    return f"cannot listen on {endpoint.host} port {endpoint.port}: {error.strerror}; set another --uri"


def _remove_stale(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise StartupError(f"{path} is not a socket; move it or set another path with --uri")
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(PROBE_TIMEOUT_SECONDS)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise StartupError(f"{path} is in use; stop the other server or set another path with --uri")
