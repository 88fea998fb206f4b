"""Lets clients in, and sees them off."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from wyoming.error import Error
from wyoming.event import Event

from wyoming_kokoro._compat import timeout
from wyoming_kokoro.config import ServerConfig
from wyoming_kokoro.protocol.closing import reject
from wyoming_kokoro.protocol.events import MAX_HEADER_BYTES
from wyoming_kokoro.protocol.handler import ConnectionHandler
from wyoming_kokoro.protocol.info import info_event
from wyoming_kokoro.protocol.request_metrics import Observe
from wyoming_kokoro.protocol.speech_service import SpeechService
from wyoming_kokoro.server.endpoints import (
    StdioEndpoint,
    TcpEndpoint,
    UnixEndpoint,
    addresses_of,
    bind_tcp,
    bind_unix,
    enable_keepalive,
    in_networks,
    is_tcp,
    parse_endpoint,
    parse_networks,
    remove_socket,
)
from wyoming_kokoro.server.stdio import connect_stdin, connect_stdout, redirect_stdout
from wyoming_kokoro.types import Address, ignore

log = logging.getLogger(__name__)

ACCEPT_TIMEOUT_SECONDS = 0.05
"""How soon a client that the kernel let in before we stopped to listen is known to us."""
CLOSE_TIMEOUT_SECONDS = 2.0
"""How long a client may take to fetch what is written when its connection is closed."""


class Listener:
    """The open connections."""

    def __init__(self, narrator: SpeechService, config: ServerConfig, observe: Observe) -> None:
        """`observe` is told how each request ended. Raises `ConfigError` for a wrong network in `config.allow`."""
        self.addresses: tuple[Address, ...] = ()
        """The bound TCP addresses; empty for `unix://` and `stdio://`."""
        self.address_text = config.uri
        """Where the server listens, for the log."""
        self.ended = asyncio.Event()
        """Set when no client can come any more: the one of `stdio://` is done, or `drain` was called."""
        self.apply_config(config)
        self._narrator = narrator
        self._observe = observe
        self._info = info_event(narrator.voices)
        self._servers: list[asyncio.Server] = []
        self._tasks: dict[asyncio.Task[None], ConnectionHandler | None] = {}

    def apply_config(self, config: ServerConfig) -> None:
        """Let the networks and the limits of `config` hold for all who connect from now on.

        Raises `ConfigError` for a wrong network.
        """
        self._allowed = parse_networks(config.allowed_networks)
        self._limits = config

    async def drain(self, seconds: float) -> None:
        """Let nobody in any more, let those who wait have what they wait for, and close all others at once.

        After `seconds` those who still wait are told that the server stops. May be called again.
        """
        self.ended.set()
        for server in self._servers:
            server.close()
        for conversation in self._conversations():
            conversation.finish()
        if self._servers:
            await asyncio.sleep(ACCEPT_TIMEOUT_SECONDS)
            self._servers.clear()
        await self._wait(seconds)
        for conversation in self._conversations():
            conversation.abort()
        await self._wait(2 * CLOSE_TIMEOUT_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def add(self, server: asyncio.Server) -> None:
        """Own a server that calls `accept`."""
        self._servers.append(server)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk with a client that connected, unless it may not."""
        if len(self._tasks) >= 2 * self._limits.max_connections:
            writer.transport.abort()  # even refusing takes a moment, and a file descriptor
        elif refusal := self._refusal(writer):
            self._own(_closing(reject(reader, writer, refusal), writer), None)
        else:
            conversation = self._conversation(reader, writer)
            self._own(_closing(conversation.run(), writer), conversation)
            if self.ended.is_set():
                conversation.finish()

    def handle_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk with the only client there will be, to the end of its input."""
        conversation = self._conversation(reader, writer)
        task = self._own(_closing(conversation.run_to_completion(), writer), conversation)
        task.add_done_callback(lambda _: self.ended.set())

    def _conversation(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> ConnectionHandler:
        return ConnectionHandler(
            reader,
            writer,
            self._narrator,
            self._info,
            limits=self._limits,
            asked=self._requests_of,
            observe=self._observe,
        )

    def _refusal(self, writer: asyncio.StreamWriter) -> Event | None:
        peer = writer.get_extra_info("peername")
        client = str(peer[0]) if peer else ""
        if (
            self._allowed
            and is_tcp(writer.get_extra_info("socket"))
            and not (client and in_networks(client, self._allowed))
        ):
            log.warning("Refused %s: it is in none of the networks of server.allowed_networks", client)
            return Error("your address may not connect; see server.allowed_networks", "not-allowed").event()
        return self._crowded(client)

    def _crowded(self, client: str) -> Event | None:
        """Return why there is no room for one more connection of `client`, or None when there is."""
        theirs = [conversation.client for conversation in self._conversations()]
        if len(theirs) >= self._limits.max_connections:
            log.warning("Refused a client: there are %d connections already", len(theirs))
            text = f"there are {len(theirs)} connections already; close some (server.max_connections)"
            return Error(text, "too-many-connections").event()
        if client and theirs.count(client) >= self._limits.max_connections_per_client:
            log.warning("Refused %s: it has %d connections already", client, theirs.count(client))
            text = f"you have {theirs.count(client)} connections already; close some (max_connections_per_client)"
            return Error(text, "too-many-connections").event()
        return None

    def _requests_of(self, client: str) -> int:
        return sum(
            conversation.request_count for conversation in self._conversations() if conversation.client == client
        )

    def _own(self, work: Coroutine[None, None, None], conversation: ConnectionHandler | None) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks[task] = conversation
        task.add_done_callback(self._tasks.pop)
        return task

    def _conversations(self) -> Iterator[ConnectionHandler]:
        return (conversation for conversation in self._tasks.values() if conversation)

    async def _wait(self, seconds: float) -> None:
        if self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=seconds)


@asynccontextmanager
async def listen(
    config: ServerConfig, narrator: SpeechService, inherited: Sequence[socket.socket] = (), observe: Observe = ignore
) -> AsyncIterator[Listener]:
    """Let clients talk to `narrator` while the context is open, on the `inherited` sockets if there are any.

    `observe` is told how each request ended.

    `config.allow` is about TCP clients; those of the loopback interface are not let in unless it names them.
    Raises `ConfigError` for a wrong URI or network, and `StartupError` when the server cannot listen there.
    """
    endpoint = parse_endpoint(config.uri)
    listener = Listener(narrator, config, observe)
    async with _on_sockets(inherited, listener) if inherited else _opened(endpoint, listener):
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
    async with _on_sockets(await asyncio.to_thread(bind_tcp, endpoint), listener):
        yield


@asynccontextmanager
async def _on_sockets(bound: Sequence[socket.socket], listener: Listener) -> AsyncIterator[None]:
    """Listen on sockets that are there already; the path of a Unix socket stays when they are closed."""
    listener.addresses = addresses_of(bound)
    listener.address_text = ", ".join(
        [
            *(f"{address.host} port {address.port}" for address in listener.addresses),
            *(f"unix://{sock.getsockname()}" for sock in bound if not is_tcp(sock)),
        ]
    )
    for sock in bound:
        if is_tcp(sock):
            enable_keepalive(sock)
        # The queue of a socket that systemd opened is as long as its unit says, and this must not shorten it.
        server = await asyncio.start_server(
            listener.accept, sock=sock, limit=MAX_HEADER_BYTES, backlog=socket.SOMAXCONN
        )
        listener.add(server)
    yield


@asynccontextmanager
async def _on_unix(endpoint: UnixEndpoint, listener: Listener) -> AsyncIterator[None]:
    bound, inode = await asyncio.to_thread(bind_unix, endpoint.path)
    listener.add(await asyncio.start_unix_server(listener.accept, sock=bound, limit=MAX_HEADER_BYTES))
    try:
        yield
    finally:
        await asyncio.to_thread(remove_socket, endpoint.path, inode)


@asynccontextmanager
async def _on_stdio(listener: Listener) -> AsyncIterator[None]:
    with redirect_stdout() as stdout:
        reader = asyncio.StreamReader(MAX_HEADER_BYTES)
        async with connect_stdin(reader):
            listener.handle_connection(reader, await connect_stdout(stdout))
            yield


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
        async with timeout(CLOSE_TIMEOUT_SECONDS):
            await writer.wait_closed()
    except asyncio.TimeoutError:
        writer.transport.abort()
    except OSError:
        pass
