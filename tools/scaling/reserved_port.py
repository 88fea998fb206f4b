"""Ports for servers that cannot choose one themselves."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def reserved_port() -> Iterator[int]:
    """Yield a port for servers, each on another address. Linux gives it to no other program meanwhile."""
    with socket.socket() as holder:
        # Linux lets a server bind the port, too, because both allow it and this socket does not listen.
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("", 0))
        port = int(holder.getsockname()[1])
        if sys.platform != "linux":
            holder.close()
        yield port
