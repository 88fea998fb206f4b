"""Lets clients in, and sees them off."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager

from wyoming.error import Error
from wyoming.event import Event

from wyoming_kokoro.accounting import Observe
from wyoming_kokoro.config import ServerConfig
from wyoming_kokoro.endpoints import (
    Network,
    StdioEndpoint,
    TcpEndpoint,
    UnixEndpoint,
    addresses_of,
    is_in,
    networks,
    parse,
    remove_socket,
    tcp_sockets,
    unix_socket,
)
from wyoming_kokoro.errors import StartupError
from wyoming_kokoro.events import MAX_HEADER_BYTES
from wyoming_kokoro.handler import Conversation, refuse
from wyoming_kokoro.info import info_event
from wyoming_kokoro.request import Narrator
from wyoming_kokoro.types import Address

log = logging.getLogger(__name__)

MAX_CONNECTIONS = 100
CLOSE_SECONDS = 2.0
"""How long a client may take to fetch what is written when its connection is closed."""


class Listener:
    """The open connections."""

    def __init__(self, narrator: Narrator, allowed: tuple[Network, ...], observe: Observe = id) -> None:
        """`allowed` are the networks whose clients may connect; none at all lets everybody in.

        `observe` is told how each request ended.
        """
        self.addresses: tuple[Address, ...] = ()
        """The bound TCP addresses; empty for `unix://` and `stdio://`."""
        self.ended = asyncio.Event()
        """Set when no client can come any more: the one of `stdio://` is done, or `drain` was called."""
        self._narrator = narrator
        self._allowed = allowed
        self._observe = observe
        self._info = info_event(narrator.voices)
        self._servers: list[asyncio.Server] = []
        self._tasks: dict[asyncio.Task[None], Conversation | None] = {}

    async def drain(self, seconds: float) -> None:
        """Let nobody in any more, let those who wait have what they wait for, and close all others at once.

        After `seconds` those who still wait are told that the server stops. May be called again.
        """
        self.ended.set()
        for server in self._servers:
            server.close()
        for conversation in self._conversations():
            conversation.finish()
        await self._wait(seconds)
        for conversation in self._conversations():
            conversation.give_up()
        await self._wait(2 * CLOSE_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def add(self, server: asyncio.Server) -> None:
        """Own a server that calls `accept`."""
        self._servers.append(server)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk with a client that connected, unless it may not."""
        if len(self._tasks) >= 2 * MAX_CONNECTIONS:
            writer.transport.abort()  # even refusing takes a moment, and a file descriptor
        elif refusal := self._refusal(writer):
            self._own(_closing(refuse(reader, writer, refusal), writer), None)
        else:
            conversation = Conversation(reader, writer, self._narrator, self._info, self._observe)
            self._own(_closing(conversation.run(), writer), conversation)

    def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk with the only client there will be, to the end of its input."""
        conversation = Conversation(reader, writer, self._narrator, self._info, self._observe)
        task = self._own(_closing(conversation.run_to_the_end(), writer), conversation)
        task.add_done_callback(lambda _: self.ended.set())

    def _refusal(self, writer: asyncio.StreamWriter) -> Event | None:
        peer = writer.get_extra_info("peername")
        if self._allowed and not (peer and is_in(peer[0], self._allowed)):
            log.warning("Refused %s: it is in none of the networks of server.allow", peer and peer[0])
            return Error("your address may not connect; see server.allow", "not-allowed").event()
        if len(tuple(self._conversations())) >= MAX_CONNECTIONS:
            log.warning("Refused a client: there are %d connections already", MAX_CONNECTIONS)
            text = f"there are {MAX_CONNECTIONS} connections already; close some"
            return Error(text, "too-many-connections").event()
        if self.ended.is_set():
            return Error("the server is stopping; ask again in a moment", "shutting-down").event()
        return None

    def _own(self, work: Coroutine[None, None, None], conversation: Conversation | None) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks[task] = conversation
        task.add_done_callback(self._tasks.pop)
        return task

    def _conversations(self) -> Iterator[Conversation]:
        return (conversation for conversation in self._tasks.values() if conversation)

    async def _wait(self, seconds: float) -> None:
        if self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=seconds)


@asynccontextmanager
async def listen(config: ServerConfig, narrator: Narrator, observe: Observe = id) -> AsyncIterator[Listener]:
    """Let clients talk to `narrator` while the context is open; `observe` is told how each request ended.

    `config.allow` is about TCP clients; those of the loopback interface are not let in unless it names them.
    Raises `ConfigError` for a wrong URI or network, and `StartupError` when the server cannot listen there.
    """
    endpoint = parse(config.uri)
    allowed = networks(config.allow)
    listener = Listener(narrator, allowed if isinstance(endpoint, TcpEndpoint) else (), observe)
    async with _opened(endpoint, listener):
        try:
            yield listener
        finally:
            await listener.drain(0)


def _opened(
    endpoint: TcpEndpoint | UnixEndpoint | StdioEndpoint, listener: Listener
) -> AbstractAsyncContextManager[None]:
    match endpoint:
        case TcpEndpoint():
            return _on_tcp(endpoint, listener)
        case UnixEndpoint():
            return _on_unix(endpoint, listener)
        case StdioEndpoint():
            return _on_stdio(listener)


@asynccontextmanager
async def _on_tcp(endpoint: TcpEndpoint, listener: Listener) -> AsyncIterator[None]:
    bound = await asyncio.to_thread(tcp_sockets, endpoint)
    listener.addresses = addresses_of(bound)
    for sock in bound:
        listener.add(await asyncio.start_server(listener.accept, sock=sock, limit=MAX_HEADER_BYTES))
    yield


@asynccontextmanager
async def _on_unix(endpoint: UnixEndpoint, listener: Listener) -> AsyncIterator[None]:
    bound, inode = await asyncio.to_thread(unix_socket, endpoint.path)
    listener.add(await asyncio.start_unix_server(listener.accept, sock=bound, limit=MAX_HEADER_BYTES))
    try:
        yield
    finally:
        await asyncio.to_thread(remove_socket, endpoint.path, inode)


@asynccontextmanager
async def _on_stdio(listener: Listener) -> AsyncIterator[None]:
    with _own_stdout() as stdout:
        reader = asyncio.StreamReader(MAX_HEADER_BYTES)
        async with _input(reader):
            listener.talk(reader, await _output(stdout))
            yield


@asynccontextmanager
async def _input(reader: asyncio.StreamReader) -> AsyncIterator[None]:
    stdin = os.fdopen(os.dup(sys.stdin.fileno()), "rb", 0)
    try:
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), stdin
        )
    except (OSError, ValueError):
        stdin.close()
        raise StartupError("stdio:// needs a pipe at stdin; use `cat FILE | wyoming-kokoro`") from None
    try:
        yield
    finally:
        transport.close()


async def _output(descriptor: int) -> asyncio.StreamWriter:
    loop = asyncio.get_running_loop()
    stdout = os.fdopen(os.dup(descriptor), "wb", 0)
    try:
        transport, protocol = await loop.connect_write_pipe(
            lambda: asyncio.StreamReaderProtocol(asyncio.StreamReader()), stdout
        )
    except (OSError, ValueError):
        stdout.close()
        raise StartupError("stdio:// needs a pipe at stdout; use `wyoming-kokoro | cat`") from None
    return asyncio.StreamWriter(transport, protocol, None, loop)


@contextmanager
def _own_stdout() -> Iterator[int]:
    """Give a copy of stdout for events; what is printed meanwhile, also by libraries, goes to stderr."""
    sys.stdout.flush()
    kept = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        yield kept
    finally:
        sys.stdout.flush()
        os.dup2(kept, sys.stdout.fileno())
        os.close(kept)


async def _closing(work: Coroutine[None, None, None], writer: asyncio.StreamWriter) -> None:
    """Do `work`, then close `writer`, whatever happens."""
    try:
        await work
    except Exception:
        log.exception("A connection broke")
    finally:
        await _close(writer)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    try:
        await asyncio.wait_for(writer.wait_closed(), CLOSE_SECONDS)
    except asyncio.TimeoutError:
        writer.transport.abort()
    except OSError:
        pass
