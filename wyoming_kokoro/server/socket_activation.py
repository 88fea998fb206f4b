"""Sockets that systemd opens before the server starts. Clients wait in them while the server restarts."""

from __future__ import annotations

import os
import socket
from collections.abc import MutableMapping

from wyoming_kokoro.errors import StartupError

# The first inherited descriptor, see sd_listen_fds(3).
FIRST_DESCRIPTOR = 3
FAMILIES = (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX)


def inherited_sockets(environment: MutableMapping[str, str]) -> list[socket.socket]:
    """Return the listening sockets that systemd passed to this process, in the order of the socket unit.

    Removes the LISTEN_ variables from `environment`, so that no child process uses the sockets. Call only once.
    Raises `StartupError` for a descriptor that is not a listening stream socket.
    """
    owner, count = (environment.pop(name, "") for name in ("LISTEN_PID", "LISTEN_FDS"))
    for name in ("LISTEN_FDNAMES", "LISTEN_PIDFDID"):
        environment.pop(name, None)
    if owner != str(os.getpid()) or not count.isdecimal():
        return []
    return [_open_socket(descriptor) for descriptor in range(FIRST_DESCRIPTOR, FIRST_DESCRIPTOR + int(count))]


def _open_socket(descriptor: int) -> socket.socket:
    wrong_unit = StartupError(
        f"descriptor {descriptor} of the socket unit is not a listening TCP or Unix socket;"
        " set ListenStream= and Accept=no in the unit"
    )
    try:
        os.set_inheritable(descriptor, False)
        sock = socket.socket(fileno=descriptor)
    except OSError:
        raise wrong_unit from None
    is_stream = sock.family in FAMILIES and sock.type == socket.SOCK_STREAM
    if not is_stream or not sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        sock.close()
        raise wrong_unit
    return sock
