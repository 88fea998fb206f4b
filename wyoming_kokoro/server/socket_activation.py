"""Sockets that systemd opened before it started us: clients wait in them while the server restarts."""

from __future__ import annotations

import os
import socket
from collections.abc import MutableMapping

from wyoming_kokoro.errors import StartupError

FIRST_DESCRIPTOR = 3
"""Where the inherited descriptors begin: sd_listen_fds(3)."""
FAMILIES = (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX)


def inherited_sockets(environment: MutableMapping[str, str]) -> list[socket.socket]:
    """Return the listening sockets that were handed to this process, in the order of its socket unit.

    The variables that tell of them are removed from `environment`, so that no child takes them for its own.
    Call once. Raises `StartupError` when a socket is not one that clients can connect to.
    """
    owner, count = (environment.pop(name, "") for name in ("LISTEN_PID", "LISTEN_FDS"))
    for name in ("LISTEN_FDNAMES", "LISTEN_PIDFDID"):
        environment.pop(name, None)
    if owner != str(os.getpid()) or not count.isdecimal():
        return []
    return [_taken(descriptor) for descriptor in range(FIRST_DESCRIPTOR, FIRST_DESCRIPTOR + int(count))]


def _taken(descriptor: int) -> socket.socket:
    os.set_inheritable(descriptor, False)
    try:
        sock = socket.socket(fileno=descriptor)
    except OSError:
        raise StartupError(_wrong(descriptor)) from None
    is_stream = sock.family in FAMILIES and sock.type == socket.SOCK_STREAM
    if not is_stream or not sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        sock.close()
        raise StartupError(_wrong(descriptor))
    return sock


def _wrong(descriptor: int) -> str:
    return (
        f"descriptor {descriptor} of the socket unit is not a listening TCP or Unix socket;"
        " use ListenStream= and Accept=no in it"
    )
