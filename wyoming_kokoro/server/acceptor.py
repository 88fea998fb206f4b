"""Accepts connections, few at a time, and closes unwanted ones before they cost anything."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable
from contextlib import suppress

from wyoming_kokoro.protocol.event_format import MAX_HEADER_BYTES
from wyoming_kokoro.server.endpoints import address_of_peer

# asyncio would accept all that wait before it serves those that it has. Each takes about a millisecond.
ACCEPTS_AT_ONCE = 8
# A refused connection takes some 15 us.
REFUSALS_AT_ONCE = 200
RETRY_SECONDS = 1.0
OUT_OF_RESOURCES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]


class Acceptor:
    """Accepts the connections of one listening socket until it is closed."""

    def __init__(self, listening: socket.socket, may_connect: Callable[[str], bool], serve: Serve) -> None:
        """`may_connect` gets the address, which is empty for a local client. `serve` gets each connection."""
        self._listening = listening
        self._may_connect = may_connect
        self._serve = serve
        self._loop = asyncio.get_running_loop()
        self._opening: set[asyncio.Task[None]] = set()
        self._retry: asyncio.TimerHandle | None = None
        listening.setblocking(False)
        # The socket unit sets the queue length of an inherited socket. A smaller value here would shorten it.
        listening.listen(socket.SOMAXCONN)
        self._start()

    def close(self) -> None:
        """Stop listening. `serve` still gets the connections that were accepted."""
        if self._retry:
            self._retry.cancel()
        if self._listening.fileno() >= 0:
            self._loop.remove_reader(self._listening)
            self._listening.close()

    def _start(self) -> None:
        self._loop.add_reader(self._listening, self._accept)

    def _accept(self) -> None:
        accepted = refused = 0
        while accepted < ACCEPTS_AT_ONCE and refused < REFUSALS_AT_ONCE:
            try:
                connection, peer = self._listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in OUT_OF_RESOURCES:
                    raise
                self._loop.call_exception_handler({"message": "socket.accept() failed", "exception": error})
                self._loop.remove_reader(self._listening)
                self._retry = self._loop.call_later(RETRY_SECONDS, self._start)
                return
            if self._may_connect(address_of_peer(peer)):
                accepted += 1
                task = self._loop.create_task(self._open(connection))
                self._opening.add(task)
                task.add_done_callback(self._opening.discard)
            else:
                refused += 1
                connection.close()

    async def _open(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        reader = asyncio.StreamReader(MAX_HEADER_BYTES)
        with suppress(OSError):
            await self._loop.connect_accepted_socket(
                lambda: asyncio.StreamReaderProtocol(reader, self._serve), connection
            )
