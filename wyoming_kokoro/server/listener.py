"""Accepts connections and closes them."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from wyoming.error import Error
from wyoming.event import Event

from wyoming_kokoro._compat import timeout
from wyoming_kokoro.config import ServerConfig
from wyoming_kokoro.errors import ProtocolError
from wyoming_kokoro.protocol.closing import error_event, reject
from wyoming_kokoro.protocol.events import MAX_HEADER_BYTES
from wyoming_kokoro.protocol.handler import ConnectionHandler
from wyoming_kokoro.protocol.info import info_event
from wyoming_kokoro.protocol.request_metrics import Observe
from wyoming_kokoro.protocol.speech_service import SpeechService
from wyoming_kokoro.server.endpoints import (
    TcpEndpoint,
    UnixEndpoint,
    addresses_of,
    bind_tcp,
    bind_unix,
    enable_keepalive,
    in_networks,
    is_tcp,
    parse_advertised,
    parse_endpoint,
    parse_networks,
    remove_socket,
)
from wyoming_kokoro.server.proxy_header import read_client_address
from wyoming_kokoro.server.stdio import connect_stdin, connect_stdout, redirect_stdout
from wyoming_kokoro.types import Address, ignore

log = logging.getLogger(__name__)

# The kernel may have accepted a client just before the server stopped listening. asyncio reports it within this time.
ACCEPT_TIMEOUT_SECONDS = 0.05
# A client that does not read the buffered data in this time is cut off.
CLOSE_TIMEOUT_SECONDS = 2.0


class Listener:
    """Accepts clients and owns their connections."""

    def __init__(self, speech: SpeechService, config: ServerConfig, observe: Observe) -> None:
        """`observe` receives the end of each request. Raises `ConfigError` for an invalid setting."""
        self.advertised = parse_advertised(config.advertise)
        """What Home Assistant discovers."""
        self.addresses: tuple[Address, ...] = ()
        """The bound TCP addresses; empty for `unix://` and `stdio://`."""
        self.address_text = config.uri
        """Where the server listens, for the log."""
        self.ended = asyncio.Event()
        """Set when no more clients can connect: the `stdio://` client has ended, or `drain` was called."""
        self.apply_config(config)
        self._speech = speech
        self._observe = observe
        self._info = info_event(speech.voices)
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._handlers: set[ConnectionHandler] = set()

    def apply_config(self, config: ServerConfig) -> None:
        """Apply the networks and limits of `config` to new connections. Raises `ConfigError` for an invalid network."""
        allowed, proxies = parse_networks(config.allowed_networks), parse_networks(config.proxies, "server.proxies")
        # The health checks of a load balancer come from its own address.
        self._networks = (*allowed, *proxies) if allowed else ()
        self._proxies = proxies
        self._limits = config

    async def drain(self, seconds: float) -> None:
        """Stop listening, close idle connections at once, and let running requests finish.

        After `seconds`, end the remaining requests with the error `shutting-down`. May be called again.
        """
        self.ended.set()
        for server in self._servers:
            server.close()
        for handler in self._handlers:
            handler.finish()
        if self._servers:
            await asyncio.sleep(ACCEPT_TIMEOUT_SECONDS)
            self._servers.clear()
        await self._wait_for_connections(seconds)
        for handler in self._handlers:
            handler.abort()
        # Time for a handler to send its error (DRAIN_TIMEOUT_SECONDS) and to close (CLOSE_TIMEOUT_SECONDS).
        await self._wait_for_connections(2 * CLOSE_TIMEOUT_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def listen_on(self, bound: Sequence[socket.socket]) -> None:
        """Accept clients on the sockets `bound`."""
        self.addresses = addresses_of(bound)
        texts = [f"{address.host} port {address.port}" for address in self.addresses]
        texts += [f"unix://{sock.getsockname()}" for sock in bound if not is_tcp(sock)]
        self.address_text = ", ".join(texts)
        for sock in bound:
            if is_tcp(sock):
                enable_keepalive(sock)
            # The socket unit sets the queue length of an inherited socket. A smaller value here would shorten it.
            server = await asyncio.start_server(
                self.accept, sock=sock, limit=MAX_HEADER_BYTES, backlog=socket.SOMAXCONN
            )
            self._servers.append(server)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a new connection, or reject it with an error."""
        if len(self._tasks) >= 2 * self._limits.max_connections:
            # A rejection also takes time and a file descriptor, so rejections are limited too.
            writer.transport.abort()
        else:
            self._start(self._serve(reader, writer), writer)

    def handle_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve the only connection, to the end of its input."""
        handler = self._create_handler(reader, writer, "")
        self._handlers.add(handler)
        task = self._start(handler.run_to_completion(), writer)
        task.add_done_callback(lambda _: self.ended.set())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = writer.get_extra_info("peername")
        client = str(peer[0]) if peer else ""
        if client and in_networks(client, self._proxies):
            try:
                client = await read_client_address(reader) or client
            except ProtocolError as error:
                await reject(reader, writer, error_event(error, client))
                return
            except OSError:
                return
        if rejection := self._rejection(client, writer):
            await reject(reader, writer, rejection)
            return
        handler = self._create_handler(reader, writer, client)
        self._handlers.add(handler)
        if self.ended.is_set():
            handler.finish()
        try:
            await handler.run()
        finally:
            self._handlers.remove(handler)

    def _create_handler(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, client: str
    ) -> ConnectionHandler:
        return ConnectionHandler(
            reader,
            writer,
            self._speech,
            self._info,
            client=client or "a local client",
            limits=self._limits,
            count_requests=self._count_requests,
            observe=self._observe,
        )

    def _rejection(self, client: str, writer: asyncio.StreamWriter) -> Event | None:
        """Return why the client may not connect, or None."""
        has_networks = self._networks and is_tcp(writer.get_extra_info("socket"))
        if has_networks and not (client and in_networks(client, self._networks)):
            log.warning("Rejected %s: not in server.allowed_networks", client)
            return Error("your address may not connect; see server.allowed_networks", "not-allowed").event()
        clients = [handler.client for handler in self._handlers]
        if len(clients) >= self._limits.max_connections:
            log.warning("Rejected a connection: %d are open (server.max_connections)", len(clients))
            text = f"too many connections: {len(clients)}; close some (server.max_connections)"
            return Error(text, "too-many-connections").event()
        if client and clients.count(client) >= self._limits.max_connections_per_client:
            count = clients.count(client)
            log.warning("Rejected %s: %d connections are open (server.max_connections_per_client)", client, count)
            text = f"too many connections of your address: {count}; close some (server.max_connections_per_client)"
            return Error(text, "too-many-connections").event()
        return None

    def _count_requests(self, client: str) -> int:
        return sum(handler.request_count for handler in self._handlers if handler.client == client)

    def _start(self, work: Coroutine[None, None, None], writer: asyncio.StreamWriter) -> asyncio.Task[None]:
        task = asyncio.create_task(_close_after(work, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _wait_for_connections(self, seconds: float) -> None:
        if self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=seconds)


@asynccontextmanager
async def listen(
    config: ServerConfig, speech: SpeechService, inherited: Sequence[socket.socket] = (), observe: Observe = ignore
) -> AsyncIterator[Listener]:
    """Serve `speech` to clients while the context is open, on the `inherited` sockets if there are any.

    `observe` receives the end of each request. `config.allowed_networks` applies to TCP clients, also to those of the
    loopback interface. Raises `ConfigError` for an invalid setting, and `StartupError` when binding fails.
    """
    endpoint = parse_endpoint(config.uri)
    listener = Listener(speech, config, observe)
    async with AsyncExitStack() as stack:
        if inherited:
            await listener.listen_on(inherited)
        elif isinstance(endpoint, TcpEndpoint):
            await listener.listen_on(await asyncio.to_thread(bind_tcp, endpoint))
        elif isinstance(endpoint, UnixEndpoint):
            bound, inode = await asyncio.to_thread(bind_unix, endpoint.path)
            stack.push_async_callback(asyncio.to_thread, remove_socket, endpoint.path, inode)
            await listener.listen_on([bound])
        else:
            stdout = stack.enter_context(redirect_stdout())
            reader = asyncio.StreamReader(MAX_HEADER_BYTES)
            await stack.enter_async_context(connect_stdin(reader))
            listener.handle_connection(reader, await connect_stdout(stdout))
        stack.push_async_callback(listener.drain, 0)
        yield listener


async def _close_after(work: Coroutine[None, None, None], writer: asyncio.StreamWriter) -> None:
    """Await `work`, then close `writer` in any case."""
    try:
        await work
    except Exception:
        log.exception("Connection failed")
    finally:
        writer.close()
        try:
            async with timeout(CLOSE_TIMEOUT_SECONDS):
                await writer.wait_closed()
        except asyncio.TimeoutError:
            writer.transport.abort()
        except OSError:
            pass
