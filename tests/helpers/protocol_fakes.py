"""A narrator without a model and a client without Home Assistant, for the tests of the protocol."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from wyoming.event import Event, async_read_event, async_write_event

from wyoming_kokoro.config import ServerConfig
from wyoming_kokoro.errors import SynthesisFailed, TextTooLong, UnknownVoice, UnsupportedText
from wyoming_kokoro.server.listener import Listener, listen
from wyoming_kokoro.types import Voice

VOICES = (
    Voice("af_heart", "en-US", "A, Heart (US, female)", "A"),
    Voice("ff_siwis", "fr-FR", "B-, Siwis (French, female)", "B-"),
)
WORD = b"\x01\x02" * 2400
"""What a word sounds like: 100 ms."""
LONG_WORD = b"\x03\x04" * 24_000
SILENCE = b"\x00\x00" * 1920
SPOKEN = ["audio-start", "audio-chunk", "audio-stop"]
PATIENCE = 20
"""Seconds after which a test that waits has failed."""


has_ipv6 = pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")


class SpeakingNarrator:
    """Opens utterances that say 100 ms a word."""

    def __init__(self) -> None:
        self.voices = VOICES
        self.utterances: list[SpokenWords] = []
        self.wishes: list[tuple[str | None, str | None, str | None]] = []
        """Voice, language and speaker of each request."""
        self.may_speak = asyncio.Event()
        self.may_speak.set()

    def utterance(
        self, voice: str | None = None, language: str | None = None, speaker: str | None = None
    ) -> SpokenWords:
        self.wishes.append((voice, language, speaker))
        if voice and voice not in {known.name for known in self.voices}:
            raise UnknownVoice(f"unknown voice {voice!r}; similar: af_heart")
        chosen = next((known for known in self.voices if known.name == voice), self.voices[0])
        self.utterances.append(SpokenWords(self.may_speak, chosen))
        return self.utterances[-1]


class SpokenWords:
    """Says words as they come; some of them have an effect."""

    work_seconds = 0.25
    cached = False

    def __init__(self, may_speak: asyncio.Event, voice: Voice) -> None:
        self.voice = voice
        self.text = ""
        self.words: list[str] = []
        """The words that were asked for by whoever iterates `pcm`."""
        self.closed = asyncio.Event()
        """Set when no more work is done for the utterance."""
        self._finished = False
        self._fed = asyncio.Event()
        self._may_speak = may_speak

    def feed(self, text: str) -> None:
        self.text += text
        if len(self.text) > 10_000:
            raise TextTooLong("text too long: more than 10000 characters; send it in parts")
        if self.text.startswith("<speak"):
            raise UnsupportedText("SSML is not supported; send plain text")
        self._fed.set()

    def finish(self) -> None:
        self._finished = True
        self._fed.set()

    async def pcm(self) -> AsyncGenerator[bytes, None]:
        try:
            while (word := await self._next_word()) is not None:
                await self._may_speak.wait()
                for sound in self._sounds(word):
                    yield sound
            if not self.words:
                yield SILENCE
        finally:
            self.closed.set()

    async def _next_word(self) -> str | None:
        while True:
            self._fed.clear()
            words = self.text.split()
            if not self._finished and words and not self.text[-1].isspace():
                words.pop()
            if len(words) > len(self.words):
                self.words.append(words[len(self.words)])
                return self.words[-1]
            if self._finished:
                return None
            await self._fed.wait()

    def _sounds(self, word: str) -> list[bytes]:
        if word == "fail":
            raise SynthesisFailed("the model gave no audio for this text")
        if word == "explode":
            raise RuntimeError("a secret of the inside")
        if word == "abandon":
            self._finished = True
        return [LONG_WORD] if word == "long" else [WORD]


class Client:
    """Speaks Wyoming with the library that Home Assistant uses."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, kind: str, **data: Any) -> None:
        await async_write_event(Event(kind, data), self.writer)

    async def say(self, text: str) -> None:
        await self.send("synthesize", text=text)

    async def stream(self, *pieces: str) -> None:
        """Send a whole streaming exchange but for its end."""
        await self.send("synthesize-start")
        for piece in pieces:
            await self.send("synthesize-chunk", text=piece)

    async def send_raw(self, raw: bytes) -> None:
        self.writer.write(raw)
        await self.writer.drain()

    async def receive(self) -> Event | None:
        """Return the next event, or None when the server has hung up."""
        return await asyncio.wait_for(async_read_event(self.reader), PATIENCE)

    async def until(self, kind: str) -> list[Event]:
        """Return the events up to one of type `kind`."""
        events: list[Event] = []
        while not events or events[-1].type != kind:
            event = await self.receive()
            assert event is not None, f"hung up after {[event.type for event in events]}"
            events.append(event)
        return events

    async def all(self) -> list[Event]:
        """Return the events until the server hangs up."""
        events = []
        while event := await self.receive():
            events.append(event)
        return events

    async def close(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


def types(events: list[Event]) -> list[str]:
    """Return the types of `events`, with repetitions of audio-chunk left out."""
    found: list[str] = []
    for event in events:
        if event.type != "audio-chunk" or found[-1:] != ["audio-chunk"]:
            found.append(event.type)
    return found


def sound(events: list[Event]) -> bytes:
    """Return the audio in `events`."""
    return b"".join(event.payload or b"" for event in events if event.type == "audio-chunk")


@asynccontextmanager
async def listening(
    narrator: SpeakingNarrator, uri: str = "tcp://127.0.0.1:0", **config: Any
) -> AsyncIterator[Listener]:
    async with listen(ServerConfig(uri=uri, **config), narrator) as listener:
        yield listener


@asynccontextmanager
async def calling(listener: Listener) -> AsyncIterator[Client]:
    address = listener.addresses[0]
    client = Client(*await asyncio.open_connection(address.host, address.port))
    try:
        yield client
    finally:
        client.writer.close()


@asynccontextmanager
async def conversing() -> AsyncIterator[tuple[SpeakingNarrator, Client]]:
    """Listen, and connect a client."""
    narrator = SpeakingNarrator()
    async with listening(narrator) as listener, calling(listener) as client:
        yield narrator, client


async def answers(host: str, port: int) -> bool:
    """Whether the server at this address speaks."""
    client = Client(*await asyncio.open_connection(host, port))
    await client.say("hi")
    events = await client.until("audio-stop")
    await client.close()
    return types(events) == SPOKEN
