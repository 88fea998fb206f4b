"""One client's conversation: Wyoming events in, Wyoming events out; no knowledge of synthesis.

Two sides share the connection. The reading side takes in events, so that `describe` is answered, and a
client that goes away is noticed, while it is spoken to. The answering side speaks one request after the
other. Home Assistant waits for `synthesize-stopped` for ever, and takes a connection that merely closes for
a success: hence every request ends in what its client waits for, or in an `error`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from contextlib import aclosing, suppress

from wyoming.event import Event, async_write_event
from wyoming.ping import Pong
from wyoming.tts import SynthesizeStopped

from wyoming_kokoro._compat import timeout
from wyoming_kokoro.config import ServerConfig
from wyoming_kokoro.errors import ConnectionTimeout, ProtocolError, ShuttingDown, TooManyRequests
from wyoming_kokoro.protocol.closing import DRAIN_TIMEOUT_SECONDS, drain, error_event
from wyoming_kokoro.protocol.events import audio_events, data_as, read_event
from wyoming_kokoro.protocol.info import PROGRAM
from wyoming_kokoro.protocol.request import PendingRequests, PingData, Request, SelectProgramData
from wyoming_kokoro.protocol.request_metrics import Observe
from wyoming_kokoro.protocol.speech_service import SpeechService

log = logging.getLogger(__name__)

MAX_WAITING_REQUESTS = 8
"""Requests of one connection that may wait; what follows stays unread until there is room."""
FIRST_REQUEST_TIMEOUT_SECONDS = 0.5
"""How long, when the server stops, somebody who has connected and not asked yet may take to ask."""
STREAM_STOP_TIMEOUT_SECONDS = 300.0
"""How long a client whose stream has failed may take to end it."""


class ClientGone(Exception):
    """Nothing can be written to the client any more."""


class ConnectionHandler:
    """Talks with one client until it goes, or until a request fails."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        narrator: SpeechService,
        info: Event,
        *,
        limits: ServerConfig,
        asked: Callable[[str], int],
        observe: Observe,
    ) -> None:
        """`info` answers `describe`; `asked` says how many requests a client, by its address, has under way.

        `observe` is told how each request ended. Whoever runs the conversation closes `writer` afterwards.
        """
        peer = writer.get_extra_info("peername")
        self.client = str(peer[0]) if peer else "a local client"
        """The address of the client."""
        self._reader = reader
        self._writer = writer
        self._narrator = narrator
        self._info = info
        self._under_way = PendingRequests(observe)
        self._limits = limits
        self._asked = asked
        self._writing = asyncio.Lock()  # two tasks must not drain at once before Python 3.10.6
        self._requests: asyncio.Queue[Request] = asyncio.Queue(MAX_WAITING_REQUESTS)
        self._stream: Request | None = None
        self._answered: Request | None = None
        self._answering: asyncio.Task[None] | None = None
        self._has_asked = False
        self._wanted_at = asyncio.get_running_loop().time()
        self._finishing = False
        self._given_up = False

    async def run(self) -> None:
        """Converse; when the client goes, nothing more is done for it."""
        await self._converse(self._read_events(), self._wait_for_silence())

    async def run_to_completion(self) -> None:
        """Converse; when the client's input ends, what it asked for is still spoken."""
        await self._converse(self._read_and_wait())

    @property
    def is_idle(self) -> bool:
        """Whether the client waits for nothing."""
        return self.request_count == 0

    @property
    def request_count(self) -> int:
        """How many requests are under way."""
        return self._requests.qsize() + (self._answered is not None)

    def finish(self) -> None:
        """End when the client has what it waits for; what it asks for from now on is refused.

        Who has asked for nothing yet has a moment to ask once: it may be on its way.
        """
        self._finishing = True
        if self._has_asked:
            self._end_if_idle()
        else:
            asyncio.get_running_loop().call_later(FIRST_REQUEST_TIMEOUT_SECONDS, self._end_if_idle)

    def abort(self) -> None:
        """End at once; a client that waits is told."""
        self._given_up = not self.is_idle
        self._finishing = True
        if self._answering:
            self._answering.cancel()

    def _end_if_idle(self) -> None:
        if self.is_idle and self._answering:
            self._answering.cancel()

    async def _converse(self, *others: Coroutine[None, None, None]) -> None:
        self._answering = asyncio.create_task(self._answer_requests())
        sides = (*map(asyncio.create_task, others), self._answering)
        try:
            await asyncio.wait(sides, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for side in sides:
                side.cancel()
            try:
                outcomes = await asyncio.gather(*sides, return_exceptions=True)
            finally:
                self._under_way.cut_off("shutting-down" if self._given_up else "")
        with suppress(ClientGone, asyncio.TimeoutError):
            async with timeout(DRAIN_TIMEOUT_SECONDS):
                await self._say_goodbye(outcomes)

    # The reading side

    async def _read_events(self) -> None:
        """Take in events until the input ends. Raises `ProtocolError` when it is not Wyoming."""
        while event := await self._next_event():
            try:
                await self._take(event)
            except ProtocolError as error:
                await self._refuse(error)

    async def _wait_for_silence(self) -> None:
        """Raise `SilentTooLong` when the client has wanted nothing for too long."""
        patience = self._limits.connection_timeout_seconds
        while (left := patience - self._silence()) > 0:  # noqa: ASYNC110 the moment moves with every event
            await asyncio.sleep(left)
        raise ConnectionTimeout(
            f"nothing was asked for {patience:g} s; connect again (server.connection_timeout_seconds)"
        )

    def _silence(self) -> float:
        """Return for how many seconds the client has wanted nothing."""
        return asyncio.get_running_loop().time() - self._wanted_at if self.is_idle else 0.0

    async def _read_and_wait(self) -> None:
        """Take in events; after the last one leave it to the answering side to end the conversation."""
        await self._read_events()
        if self._stream:
            self._stream.finish()
        self.finish()
        await asyncio.Event().wait()

    async def _next_event(self) -> Event | None:
        try:
            return await read_event(self._reader, data_bytes=self._limits.max_event_bytes)
        except OSError:  # a reset connection is a client that went
            return None

    async def _take(self, event: Event) -> None:
        self._wanted_at = asyncio.get_running_loop().time()
        match event.type:
            case "describe":
                await self._write(self._info)
            case "ping":
                await self._write(Pong(data_as(PingData, event).text).event())
            case "select-program":
                self._select(data_as(SelectProgramData, event).name)
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

    def _select(self, program: str) -> None:
        if program != PROGRAM:
            raise ProtocolError(f"there is no program {program[:80]!r}; this is {PROGRAM}")

    async def _synthesize(self, event: Event) -> None:
        if self._stream:
            return  # Home Assistant repeats the whole text for servers that cannot stream
        request = self._under_way.begin(streamed=False)
        request.open(self._narrator, event)
        request.feed(event)
        request.finish()
        await self._put(request)

    async def _put(self, request: Request) -> None:
        """Let `request` be answered in its turn, if only with a refusal."""
        if self._finishing and self._has_asked:
            request.fail(ShuttingDown())
        elif self._asked(self.client) >= self._limits.max_requests_per_client:
            most = self._limits.max_requests_per_client
            request.fail(TooManyRequests(f"{most} requests of yours are under way; wait for one to end"))
        self._has_asked = True
        await self._requests.put(request)

    async def _start_stream(self, event: Event) -> None:
        if self._stream:
            raise ProtocolError("synthesize-start came twice; send synthesize-stop in between")
        self._stream = self._under_way.begin(streamed=True)
        self._stream.open(self._narrator, event)
        await self._put(self._stream)

    def _continue_stream(self, event: Event) -> None:
        if self._stream is None:
            raise ProtocolError("synthesize-chunk came without synthesize-start")
        self._stream.feed(event)

    async def _stop_stream(self) -> None:
        if self._stream is None:
            await self._write(SynthesizeStopped().event())
            return
        self._stream.finish()
        self._stream = None

    async def _refuse(self, error: ProtocolError) -> None:
        if self._stream:
            self._stream.fail(error)
            return
        request = self._under_way.begin(streamed=False)
        request.fail(error)
        request.finish()
        await self._requests.put(request)

    # The answering side

    async def _answer_requests(self) -> None:
        """Answer one request after the other, until one fails or the conversation is to end."""
        while not (self._finishing and self._has_asked and self.is_idle):
            self._answered = await self._requests.get()
            if not await self._answer(self._answered):
                return
            self._answered = None
            self._wanted_at = asyncio.get_running_loop().time()

    async def _answer(self, request: Request) -> bool:
        """Speak `request`, or tell why not; return whether the conversation goes on."""
        failure = await self._speak(request)
        self._under_way.end(request, failure)
        if failure:
            await self._write(error_event(failure, self.client))
            with suppress(asyncio.TimeoutError):
                async with timeout(STREAM_STOP_TIMEOUT_SECONDS):
                    await request.text_complete.wait()
        if request.is_streamed:
            await self._write(SynthesizeStopped().event())
        return failure is None and request.text_complete.is_set()

    async def _speak(self, request: Request) -> Exception | None:
        """Send the sound of `request`; return what went wrong."""
        try:
            async with aclosing(request.pcm()) as sounds, aclosing(audio_events(sounds)) as events:
                async for event in events:
                    await self._write(event)
        except ClientGone:
            raise
        except Exception as failure:  # noqa: BLE001 the caller tells and logs it
            return failure
        return None

    # Both

    async def _write(self, event: Event) -> None:
        """Write `event` and wait while the client is behind. Raises `ClientGone`."""
        async with self._writing:
            try:
                await async_write_event(event, self._writer)
            except (OSError, ProtocolError) as error:  # drain() raises what ails the reader, too
                raise ClientGone from error

    async def _say_goodbye(self, outcomes: Iterable[object]) -> None:
        """Tell the client why the sides ended, if it cannot know, and let it fetch the last words."""
        failures = [item for item in outcomes if isinstance(item, Exception) and not isinstance(item, ClientGone)]
        if self._given_up:
            failures.append(ShuttingDown())
        if failures:
            await self._write(error_event(failures[0], self.client))
        await drain(self._reader, self._writer)
