"""Accepts connections and closes them."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from wyoming.error import Error
from wyoming.event import Event

from wyoming_kokoro._compat import timeout
from wyoming_kokoro.api.observations import ConnectionRejected, RequestFinished
from wyoming_kokoro.clients.registry import TOO_MANY_NEW_CONNECTIONS, Clients, ClientState, find_longest_idle
from wyoming_kokoro.config import ServerConfig
from wyoming_kokoro.errors import ProtocolError
from wyoming_kokoro.protocol.closing import ClientErrors, reject
from wyoming_kokoro.protocol.event_format import MAX_HEADER_BYTES
from wyoming_kokoro.protocol.handler import ConnectionHandler
from wyoming_kokoro.protocol.info import info_event
from wyoming_kokoro.protocol.speech_service import SpeechService
from wyoming_kokoro.server.acceptor import Acceptor
from wyoming_kokoro.server.descriptors import allowed_connections
from wyoming_kokoro.server.endpoints import (
    TcpEndpoint,
    UnixEndpoint,
    address_of_peer,
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

ObserveClients = Callable[[RequestFinished | ConnectionRejected], object]

log = logging.getLogger(__name__)

# The kernel may have accepted a client just before the server stopped listening. asyncio reports it within this time.
ACCEPT_TIMEOUT_SECONDS = 0.05
# A client that does not read the buffered data in this time is cut off.
CLOSE_TIMEOUT_SECONDS = 2.0


class Listener:
    """Accepts clients and owns their connections."""

    def __init__(self, speech: SpeechService, config: ServerConfig, observe: ObserveClients) -> None:
        """`observe` receives ended requests and rejected connections. Raises `ConfigError` for an invalid setting."""
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
        self._clients = Clients()
        self._errors = ClientErrors(observe)
        self._acceptors: list[Acceptor] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._handlers: set[ConnectionHandler] = set()

    def apply_config(self, config: ServerConfig) -> None:
        """Apply the networks and limits of `config` to new connections. Raises `ConfigError` for an invalid network."""
        allowed, proxies = parse_networks(config.allowed_networks), parse_networks(config.proxies, "server.proxies")
        # The health checks of a load balancer come from its own address.
        self._networks = (*allowed, *proxies) if allowed else ()
        self._proxies = proxies
        self._limits = replace(config, max_connections=allowed_connections(config.max_connections))

    async def drain(self, seconds: float) -> None:
        """Stop listening, close idle connections at once, and let running requests finish.

        After `seconds`, end the remaining requests with the error `shutting-down`. May be called again.
        """
        self.ended.set()
        for acceptor in self._acceptors:
            acceptor.close()
        for handler in self._handlers:
            handler.finish()
        if self._acceptors:
            await asyncio.sleep(ACCEPT_TIMEOUT_SECONDS)
            self._acceptors.clear()
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
            self._acceptors.append(Acceptor(sock, self._may_connect, self.accept))

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a new connection, or reject it with an error."""
        address = address_of_peer(writer.get_extra_info("peername"))
        if self._is_proxy(address):
            if self._has_room_for_others:
                self._start(self._serve_proxied(reader, writer, address), writer)
            else:
                writer.transport.abort()
        elif work := self._admit(reader, writer, address):
            self._start(work, writer)

    def handle_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve the only connection, to the end of its input."""
        handler = self._create_handler(reader, writer, "")
        self._handlers.add(handler)
        task = self._start(handler.run_to_completion(), writer)
        task.add_done_callback(lambda _: self.ended.set())

    def _may_connect(self, address: str) -> bool:
        """Return whether a client may open one more connection now."""
        may_connect = not address or self._is_proxy(address) or self._clients.find(address).take_new_connection()
        if not may_connect:
            self._errors.reject(address, "too-many-connections", TOO_MANY_NEW_CONNECTIONS)
        return may_connect

    @property
    def _has_room_for_others(self) -> bool:
        """Whether one more connection may be open that is not served: without a header so far, rejected, or closing."""
        return len(self._tasks) - len(self._handlers) < self._limits.max_connections

    def _is_proxy(self, address: str) -> bool:
        return bool(address and self._proxies) and in_networks(address, self._proxies)

    async def _serve_proxied(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, proxy: str) -> None:
        """Serve a connection of a load balancer, whose header names the client."""
        try:
            address = await read_client_address(reader) or proxy
        except ProtocolError as error:
            await reject(reader, writer, self._errors.event(error, proxy))
            return
        except OSError:
            return
        if self._may_connect(address) and (work := self._admit(reader, writer, address)):
            await work

    def _admit(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str
    ) -> Coroutine[None, None, None] | None:
        """Return the work for the client at `address`, or abort the connection and return None."""
        client = self._clients.find(address)
        if rejection := self._rejection(writer, address, client):
            if self._has_room_for_others:
                return reject(reader, writer, rejection)
            # A rejection also takes time and a file descriptor.
            writer.transport.abort()
            return None
        handler = self._create_handler(reader, writer, address)
        self._handlers.add(handler)
        if self.ended.is_set():
            handler.finish()
        return self._run(handler)

    async def _run(self, handler: ConnectionHandler) -> None:
        handler.client.connections += 1
        try:
            await handler.run()
        finally:
            handler.client.connections -= 1
            self._handlers.discard(handler)

    def _create_handler(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str
    ) -> ConnectionHandler:
        return ConnectionHandler(
            reader,
            writer,
            self._speech,
            self._info,
            address=address,
            clients=self._clients,
            limits=self._limits,
            count_requests=self._count_requests,
            errors=self._errors,
            observe=self._observe,
        )

    def _rejection(self, writer: asyncio.StreamWriter, address: str, client: ClientState) -> Event | None:
        """Return why the client may not connect, or None. Close another idle connection if there are too many."""
        has_networks = self._networks and is_tcp(writer.get_extra_info("socket"))
        if has_networks and not (address and in_networks(address, self._networks)):
            self._errors.reject(address, "not-allowed", "not in server.allowed_networks")
            return Error("your address may not connect; see server.allowed_networks", "not-allowed").event()
        own = [handler for handler in self._handlers if handler.client is client]
        if address and len(own) >= self._limits.max_connections_per_client:
            text = f"too many connections of your address: {len(own)}; close some (server.max_connections_per_client)"
            idle = find_longest_idle(own)
        elif len(self._handlers) >= self._limits.max_connections:
            text = f"too many connections: {len(self._handlers)}; close some (server.max_connections)"
            idle = find_longest_idle(self._handlers)
        else:
            return None
        if idle:
            self._handlers.discard(idle)
            idle.displace()
            return None
        self._errors.reject(address, "too-many-connections", text)
        return Error(text, "too-many-connections").event()

    def _count_requests(self, client: ClientState) -> int:
        return sum(handler.request_count for handler in self._handlers if handler.client is client)

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
    config: ServerConfig,
    speech: SpeechService,
    inherited: Sequence[socket.socket] = (),
    observe: ObserveClients = ignore,
) -> AsyncIterator[Listener]:
    """Serve `speech` to clients while the context is open, on the `inherited` sockets if there are any.

    `observe` receives the end of each request, and each rejected connection. `config.allowed_networks` applies to TCP
    clients, also to those of the loopback interface. Raises `ConfigError` for an invalid setting, and `StartupError`
    when binding fails.
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
