"""Serves one connection: Wyoming events in, Wyoming events out; no knowledge of synthesis.

Two tasks share the connection. The reading task takes in events. It answers `describe` and notices that a client leaves
while audio is sent. The answering task handles one request after the other.

A client that has sent everything may close its side of the connection, as `nc -N` does, and still read. One that has
closed both sides looks the same until data is sent to it. So the reading task then sends a `pong` from time to time,
which clients ignore.

Home Assistant has no read timeout: it waits for `synthesize-stopped` forever, and a connection that merely closes looks
like success. Every request therefore ends with the event that its client waits for, or with `error`.
"""

from __future__ import annotations

import asyncio
import io
import logging
import socket
from collections.abc import Callable, Coroutine, Iterable
from contextlib import aclosing, suppress

from wyoming.event import Event, write_event
from wyoming.ping import Pong
from wyoming.tts import SynthesizeStopped

from wyoming_kokoro._compat import timeout
from wyoming_kokoro.clients.registry import Clients, ClientState
from wyoming_kokoro.config import ServerConfig
from wyoming_kokoro.errors import ConnectionTimeout, Overloaded, ProtocolError, ShuttingDown, TooManyRequests
from wyoming_kokoro.protocol.audio import audio_events
from wyoming_kokoro.protocol.closing import DRAIN_TIMEOUT_SECONDS, ClientErrors, drain
from wyoming_kokoro.protocol.event_format import PROGRAM, ReceivedEvent, data_as
from wyoming_kokoro.protocol.events import read_event
from wyoming_kokoro.protocol.request import PingData, Request, SelectProgramData
from wyoming_kokoro.protocol.request_metrics import Observe
from wyoming_kokoro.protocol.speech_service import SpeechService

log = logging.getLogger(__name__)

# Requests of one connection that may wait. The next event stays unread until there is room.
MAX_WAITING_REQUESTS = 8
# At shutdown, the first request of a new connection may still be on its way for this long.
FIRST_REQUEST_TIMEOUT_SECONDS = 0.5
# After an error in a stream, the client may send the rest of its text for this long.
STREAM_STOP_TIMEOUT_SECONDS = 300.0
# A client that has closed its side of the connection is gone if the second `pong` fails: the first one makes it answer.
PROBE_INTERVAL_SECONDS = 0.2
# A client that takes no audio for this long is gone. A player takes some each second.
STALL_TIMEOUT_SECONDS = 30.0
# Linux doubles it to 5 s of audio. By default it grows to a minute, in which a client that does not read looks like one
# that plays.
SEND_BUFFER_BYTES = 131072


class ClientGone(Exception):
    """The connection does not accept data any more."""


class ConnectionHandler:
    """Serves one client until it leaves or a request fails."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        speech: SpeechService,
        info: Event,
        *,
        address: str,
        clients: Clients,
        limits: ServerConfig,
        count_requests: Callable[[ClientState], int],
        errors: ClientErrors,
        observe: Observe,
    ) -> None:
        """`info` answers `describe`. `observe` receives the end of each request. The caller closes `writer`.

        `address` is empty for a local client. `count_requests` returns the number of unfinished requests of a client,
        over all its connections.
        """
        self.client = clients.find(address)
        self._limit = self.client.loop_time.limit
        self._address = address or "a local client"
        if connection := writer.get_extra_info("socket"):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        self._reader = reader
        self._writer = writer
        self._speech = speech
        self._info = info
        self._clients = clients
        self._errors = errors
        self._observe = observe
        self._unfinished: set[Request] = set()
        self._limits = limits
        self._count_requests = count_requests
        # Before Python 3.10.6, two tasks must not drain a writer at the same time.
        self._write_lock = asyncio.Lock()
        self._queue: asyncio.Queue[Request] = asyncio.Queue(MAX_WAITING_REQUESTS)
        self._stream: Request | None = None
        self._current: Request | None = None
        self._answering: asyncio.Task[None] | None = None
        self._has_requested = False
        self._last_active_at = asyncio.get_running_loop().time()
        self._held_bytes = 0
        # Those of the event that is being read or handled.
        self._event_bytes = 0
        self._is_finishing = False
        self._is_aborted = False

    async def run(self) -> None:
        """Serve the client. Cancel its requests when it is gone."""
        await self._run(self._limit(self._read_then(self._probe)), self._wait_for_timeout())

    async def run_to_completion(self) -> None:
        """Serve the client. Complete its requests when its input ends."""
        # `_run` would cancel the answering task if the reading task ended.
        await self._run(self._limit(self._read_then(asyncio.Event().wait)))

    @property
    def is_idle(self) -> bool:
        """Whether the client waits for nothing."""
        return self.request_count == 0

    @property
    def request_count(self) -> int:
        """The number of unfinished requests."""
        return self._queue.qsize() + (self._current is not None)

    @property
    def idle_seconds(self) -> float:
        """How long the client has waited for nothing; 0 while it waits."""
        return asyncio.get_running_loop().time() - self._last_active_at if self.is_idle else 0.0

    def finish(self) -> None:
        """Reject new requests, and end when the client has what it waits for.

        A client without a request so far has a moment to send one: it may be on its way.
        """
        self._is_finishing = True
        if self._has_requested:
            self._end_if_idle()
        else:
            asyncio.get_running_loop().call_later(FIRST_REQUEST_TIMEOUT_SECONDS, self._end_if_idle)

    def abort(self) -> None:
        """End now. A client that waits receives the error `shutting-down`."""
        self._is_aborted = not self.is_idle
        self._is_finishing = True
        if self._answering:
            self._answering.cancel()

    def displace(self) -> None:
        """Close the connection at once, to make room for another one."""
        reason = "idle longest of its address, and other clients need the place"
        self._errors.reject(self._address, "displaced", reason)
        self._writer.transport.abort()

    def _end_if_idle(self) -> None:
        if self.is_idle and self._answering:
            self._answering.cancel()

    async def _run(self, *readers: Coroutine[None, None, None]) -> None:
        self._answering = asyncio.create_task(self._limit(self._answer_requests()))
        tasks = (*map(asyncio.create_task, readers), self._answering)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            try:
                outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            finally:
                for request in self._unfinished:
                    request.abort("shutting-down" if self._is_aborted else "")
                self._release(self._held_bytes)
        with suppress(ClientGone, asyncio.TimeoutError):
            async with timeout(DRAIN_TIMEOUT_SECONDS):
                await self._send_last_error(outcomes)

    # The reading task

    async def _read_then(self, wait: Callable[[], Coroutine[None, None, object]]) -> None:
        """Handle events until the input ends, let the answering task complete the requests, and `wait` meanwhile."""
        await self._read_events()
        if self._stream:
            self._stream.finish()
        # A slow client must get what the transport would still hold when the connection closes.
        self._writer.transport.set_write_buffer_limits(0)
        self._is_finishing = True
        self._end_if_idle()
        await wait()

    async def _read_events(self) -> None:
        """Handle events until the input ends. Raises `ProtocolError` when it is not Wyoming."""
        while event := await self._read_event():
            try:
                await self._handle(event)
            except ProtocolError as error:
                await self._fail(error)
            self._release(self._event_bytes)
            self._event_bytes = 0
            # Events that have arrived already are read without a pause. A thousand small ones take a second.
            await asyncio.sleep(0)

    async def _read_event(self) -> ReceivedEvent | None:
        try:
            return await read_event(self._reader, data_bytes=self._limits.max_event_bytes, hold=self._hold)
        except OSError as error:
            # The client has reset the connection.
            raise ClientGone from error

    async def _probe(self) -> None:
        """Send a `pong` from time to time. Raises `ClientGone`."""
        while True:
            await asyncio.sleep(PROBE_INTERVAL_SECONDS)
            await self._write(Pong().event())

    def _hold(self, size: int) -> None:
        """Count `size` bytes of an event. Raises `Overloaded` when all clients together hold too much."""
        if not self._clients.hold(self.client, size):
            raise Overloaded("too much text waits to be spoken; try again shortly")
        self._held_bytes += size
        self._event_bytes = size

    def _release(self, size: int) -> None:
        self._held_bytes -= size
        self._clients.release(self.client, size)

    async def _wait_for_timeout(self) -> None:
        """Raise `ConnectionTimeout` when the client is idle for too long."""
        limit = self._limits.connection_timeout_seconds
        while (left := limit - self.idle_seconds) > 0:  # noqa: ASYNC110 every event moves the deadline
            await asyncio.sleep(left)
        raise ConnectionTimeout(f"no request for {limit:g} s; connect again (server.connection_timeout_seconds)")

    async def _handle(self, event: ReceivedEvent) -> None:
        self._last_active_at = asyncio.get_running_loop().time()
        match event.type:
            case "describe":
                await self._write(self._info)
            case "ping":
                await self._write(Pong(data_as(PingData, event).text).event())
            case "select-program":
                name = data_as(SelectProgramData, event).name
                if name != PROGRAM:
                    raise ProtocolError(f"unknown program: {name[:80]!r}; select {PROGRAM!r}")
            case "synthesize":
                await self._synthesize(event)
            case "synthesize-start":
                await self._start_stream(event)
            case "synthesize-chunk":
                self._continue_stream(event)
            case "synthesize-stop":
                await self._stop_stream()
            case unknown:
                log.debug("Ignored an event of type %.80r", unknown)

    async def _synthesize(self, event: ReceivedEvent) -> None:
        if self._stream:
            # Home Assistant repeats the whole text for servers that cannot stream.
            return
        request = self._open(event, is_streamed=False)
        self._feed(request, event)
        request.finish()
        await self._enqueue(request)

    def _create_request(self, is_streamed: bool) -> Request:
        request = Request(is_streamed, self._observe)
        self._unfinished.add(request)
        return request

    def _open(self, event: ReceivedEvent, *, is_streamed: bool) -> Request:
        """Return a request, which fails at its turn if it is over a limit."""
        request = self._create_request(is_streamed)
        limit = self._limits.max_requests_per_client
        if self._is_finishing and self._has_requested:
            request.fail(ShuttingDown())
        elif self._count_requests(self.client) >= limit:
            reason = f"too many requests: {limit}; wait for one to end (server.max_requests_per_client)"
            request.fail(TooManyRequests(reason))
        else:
            request.open(self._speech, event, self.client.name)
        return request

    async def _enqueue(self, request: Request) -> None:
        self._has_requested = True
        await self._queue.put(request)

    async def _start_stream(self, event: ReceivedEvent) -> None:
        if self._stream:
            raise ProtocolError("synthesize-start received inside a stream; send synthesize-stop first")
        self._stream = self._open(event, is_streamed=True)
        await self._enqueue(self._stream)

    def _continue_stream(self, event: ReceivedEvent) -> None:
        if self._stream is None:
            raise ProtocolError("synthesize-chunk received outside a stream; send synthesize-start first")
        self._feed(self._stream, event)

    def _feed(self, request: Request, event: ReceivedEvent) -> None:
        """Add the text of `event` to `request`, which holds it from now on."""
        request.feed(event)
        request.held_bytes += self._event_bytes
        self._event_bytes = 0

    async def _stop_stream(self) -> None:
        if self._stream is None:
            await self._write(SynthesizeStopped().event())
            return
        self._stream.finish()
        self._stream = None

    async def _fail(self, error: ProtocolError) -> None:
        """Let the open stream fail, or else a request that only carries `error`."""
        if self._stream:
            self._stream.fail(error)
            return
        request = self._create_request(is_streamed=False)
        request.fail(error)
        request.finish()
        await self._queue.put(request)

    # The answering task

    async def _answer_requests(self) -> None:
        """Answer requests in their order, until one fails or the connection is to end."""
        while not (self._is_finishing and self._has_requested and self.is_idle):
            self._current = await self._queue.get()
            if not await self._answer(self._current):
                return
            self._current = None
            self._last_active_at = asyncio.get_running_loop().time()

    async def _answer(self, request: Request) -> bool:
        """Send the audio or the error of `request`. Return whether the connection stays open."""
        failure = await self._send_audio(request)
        self._unfinished.discard(request)
        self._release(request.held_bytes)
        request.end(failure)
        if failure:
            await self._write(self._errors.event(failure, self._address))
            # A client that still writes when the connection closes never reads the error.
            with suppress(asyncio.TimeoutError):
                async with timeout(STREAM_STOP_TIMEOUT_SECONDS):
                    await request.text_complete.wait()
        if request.is_streamed:
            await self._write(SynthesizeStopped().event())
        return failure is None and request.text_complete.is_set()

    async def _send_audio(self, request: Request) -> Exception | None:
        """Send the audio of `request`. Return the failure, if any."""
        try:
            async with aclosing(request.pcm()) as chunks, aclosing(audio_events(chunks, request.rate)) as events:
                async for event in events:
                    await self._write(event)
        except ClientGone:
            raise
        except Exception as failure:  # noqa: BLE001 the caller logs and sends it
            return failure
        return None

    # Both tasks

    async def _write(self, event: Event) -> None:
        """Write `event`, and wait while the client reads too slowly. Raises `ClientGone`."""
        async with self._write_lock:
            try:
                # In one piece, or up to three packets would leave.
                write_event(event, content := io.BytesIO())
                self._writer.write(content.getvalue())
                if self._writer.transport.get_write_buffer_size():
                    async with timeout(STALL_TIMEOUT_SECONDS):
                        await self._writer.drain()
                else:
                    # It does not wait, but raises the error of a reset connection.
                    await self._writer.drain()
            except asyncio.TimeoutError:  # an OSError since Python 3.11, so it comes first
                reason = f"it took no data for {STALL_TIMEOUT_SECONDS:g} s"
                self._errors.reject(self._address, "client-stalled", reason)
                self._writer.transport.abort()
                raise ClientGone from None
            except (OSError, ProtocolError) as error:
                # drain() also raises the exception that `read_event` set on the reader.
                raise ClientGone from error

    async def _send_last_error(self, outcomes: Iterable[object]) -> None:
        """Send the first failure of the tasks, then wait until the client closes its side."""
        failures = [item for item in outcomes if isinstance(item, Exception) and not isinstance(item, ClientGone)]
        if self._is_aborted:
            failures.append(ShuttingDown())
        if failures:
            await self._write(self._errors.event(failures[0], self._address))
        await drain(self._reader, self._writer)
