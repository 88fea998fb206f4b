"""A fake speech service and a Wyoming client, for tests of the protocol without a model."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from wyoming.event import Event, async_read_event, async_write_event

from wyoming_kokoro.config import ServerConfig
from wyoming_kokoro.errors import SynthesisFailed, TextTooLong, UnknownVoice
from wyoming_kokoro.server.listener import Listener, listen
from wyoming_kokoro.types import SAMPLE_RATE, Voice, ignore

VOICES = (
    Voice("af_heart", "en-US", "A, Heart (US, female)", "A"),
    Voice("ff_siwis", "fr-FR", "B-, Siwis (French, female)", "B-"),
)
# The audio of one word: 100 ms, and 1 s for the word "long".
WORD_PCM = b"\x01\x02" * 2400
LONG_WORD_PCM = b"\x03\x04" * 24_000
SILENCE_PCM = b"\x00\x00" * 1920
AUDIO_CYCLE = ["audio-start", "audio-chunk", "audio-stop"]
# Long enough for the real model on a loaded machine.
TIMEOUT_SECONDS = 60

has_ipv6 = pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")


class FakeSpeechService:
    """Opens utterances with 100 ms of audio per word."""

    def __init__(self) -> None:
        self.voices = VOICES
        self.utterances: list[FakeUtterance] = []
        self.requested_voices: list[tuple[str | None, str | None, str | None]] = []
        """Voice, language and speaker of each request."""
        self.requested_formats: list[str | None] = []
        self.clients: set[str] = set()
        self.may_speak = asyncio.Event()
        self.may_speak.set()

    def utterance(
        self,
        voice: str | None = None,
        language: str | None = None,
        speaker: str | None = None,
        *,
        text_format: str | None = None,
        client: str = "",
    ) -> FakeUtterance:
        self.requested_formats.append(text_format)
        self.clients.add(client)
        self.requested_voices.append((voice, language, speaker))
        if voice and voice not in {known.name for known in self.voices}:
            raise UnknownVoice(f"unknown voice {voice!r}; similar: af_heart")
        chosen = next((known for known in self.voices if known.name == voice), self.voices[0])
        self.utterances.append(FakeUtterance(self.may_speak, chosen))
        return self.utterances[-1]


class FakeUtterance:
    """Yields the audio of each word as its text arrives. The words of `_audio_of` have special effects."""

    rate = SAMPLE_RATE
    work_seconds = 0.25
    wait_seconds = 0.5
    cached = False

    def __init__(self, may_speak: asyncio.Event, voice: Voice) -> None:
        self.voice = voice
        self.text = ""
        self.words: list[str] = []
        """The words whose audio the consumer of `pcm` has requested."""
        self.closed = asyncio.Event()
        """Set when no more audio is made for the utterance."""
        self._is_finished = False
        self._changed = asyncio.Event()
        self._may_speak = may_speak

    def feed(self, text: str) -> None:
        self.text += text
        if len(self.text) > 10_000:
            raise TextTooLong("text too long: more than 10000 characters; send it in parts")
        self._changed.set()

    def finish(self) -> None:
        self._is_finished = True
        self._changed.set()

    async def pcm(self) -> AsyncGenerator[bytes, None]:
        try:
            while (word := await self._next_word()) is not None:
                await self._may_speak.wait()
                yield self._audio_of(word)
            if not self.words:
                yield SILENCE_PCM
        finally:
            self.closed.set()

    async def _next_word(self) -> str | None:
        while True:
            self._changed.clear()
            words = self.text.split()
            if not self._is_finished and words and not self.text[-1].isspace():
                words.pop()
            if len(words) > len(self.words):
                self.words.append(words[len(self.words)])
                return self.words[-1]
            if self._is_finished:
                return None
            await self._changed.wait()

    def _audio_of(self, word: str) -> bytes:
        if word == "fail":
            raise SynthesisFailed("the model gave no audio for this text")
        if word == "explode":
            raise RuntimeError("an internal secret")
        if word == "abandon":
            self._is_finished = True
        return LONG_WORD_PCM if word == "long" else WORD_PCM


class Client:
    """A Wyoming client on the library that Home Assistant uses."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, kind: str, **data: Any) -> None:
        await async_write_event(Event(kind, data), self.writer)

    async def synthesize(self, text: str) -> None:
        await self.send("synthesize", text=text)

    async def start_stream(self, *chunks: str) -> None:
        """Send `synthesize-start` and the chunks, without `synthesize-stop`."""
        await self.send("synthesize-start")
        for chunk in chunks:
            await self.send("synthesize-chunk", text=chunk)

    async def ping(self) -> None:
        """Wait until the server has handled all earlier events."""
        await self.send("ping")
        await self.read_until("pong")

    async def send_raw(self, raw: bytes) -> None:
        self.writer.write(raw)
        await self.writer.drain()

    async def read(self) -> Event | None:
        """Return the next event, or None when the server has closed the connection."""
        return await asyncio.wait_for(async_read_event(self.reader), TIMEOUT_SECONDS)

    async def read_until(self, kind: str) -> list[Event]:
        """Return the events up to one of type `kind`."""
        events: list[Event] = []
        while not events or events[-1].type != kind:
            event = await self.read()
            assert event is not None, f"connection closed after {[event.type for event in events]}"
            events.append(event)
        return events

    async def read_all(self) -> list[Event]:
        """Return the events until the server closes the connection."""
        events = []
        while event := await self.read():
            events.append(event)
        return events

    async def close(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


def event_types(events: list[Event]) -> list[str]:
    """Return the types of `events`, without repetitions of `audio-chunk`."""
    types: list[str] = []
    for event in events:
        if event.type != "audio-chunk" or types[-1:] != ["audio-chunk"]:
            types.append(event.type)
    return types


def pcm_of(events: list[Event]) -> bytes:
    """Return the audio of `events`."""
    return b"".join(event.payload or b"" for event in events if event.type == "audio-chunk")


@asynccontextmanager
async def open_listener(
    service: FakeSpeechService,
    uri: str = "tcp://127.0.0.1:0",
    *,
    observe: Callable[[object], object] = ignore,
    **config: Any,
) -> AsyncIterator[Listener]:
    async with listen(ServerConfig(uri=uri, **config), service, observe=observe) as listener:
        yield listener


@asynccontextmanager
async def connect(listener: Listener) -> AsyncIterator[Client]:
    address = listener.addresses[0]
    async with connect_to(address.port, address.host) as client:
        yield client


@asynccontextmanager
async def connect_to(port: int, host: str = "127.0.0.1") -> AsyncIterator[Client]:
    client = Client(*await asyncio.open_connection(host, port))
    try:
        yield client
    finally:
        client.writer.close()


@asynccontextmanager
async def serve_client() -> AsyncIterator[tuple[FakeSpeechService, Client]]:
    """Open a listener and connect a client."""
    service = FakeSpeechService()
    async with open_listener(service) as listener, connect(listener) as client:
        yield service, client


async def is_served(host: str, port: int) -> bool:
    """Return whether the server at this address answers a request with audio."""
    async with connect_to(port, host) as client:
        await client.synthesize("hi")
        events = await client.read_until("audio-stop")
    return event_types(events) == AUDIO_CYCLE
