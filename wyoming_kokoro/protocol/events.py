"""Reading Wyoming events from clients that may send anything.

A Wyoming event is a line of JSON, then `data_length` bytes of JSON that are merged over its `data`, then
`payload_length` bytes. Nothing of that may be trusted: every length and the time to finish have a bound.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event

from wyoming_kokoro.errors import EventTooLong, ProtocolError
from wyoming_kokoro.types import SAMPLE_RATE

MAX_HEADER_BYTES = 64 * 1024
"""The longest header line; make stream readers with this `limit`."""
MAX_DATA_BYTES = 1024 * 1024
"""Unless the configuration says otherwise."""
MAX_PAYLOAD_BYTES = 64 * 1024
EVENT_TIMEOUT_SECONDS = 30.0
"""How long an event that was begun may take to arrive."""

T = TypeVar("T")


class _Header(msgspec.Struct, frozen=True):
    type: str
    data: dict[str, Any] = msgspec.field(default_factory=dict)
    data_length: Annotated[int, Meta(ge=0)] | None = None
    payload_length: Annotated[int, Meta(ge=0, le=MAX_PAYLOAD_BYTES)] | None = None


async def read_event(
    reader: asyncio.StreamReader, seconds: float = EVENT_TIMEOUT_SECONDS, data_bytes: int = MAX_DATA_BYTES
) -> Event | None:
    """Return the next event without its payload, which no text-to-speech event has, or None at the end.

    Waits as long as it takes for an event to begin, but only `seconds` for its end; its data may have `data_bytes`.
    Raises `ProtocolError`, after which `reader` is of no more use, and the transport's `OSError`.
    """
    first = await reader.read(1)
    if not first:
        return None
    with _deadline(reader, seconds):
        try:
            return await _finish(reader, first, data_bytes)
        except asyncio.IncompleteReadError:
            raise ProtocolError("the connection ended inside an event") from None


def data_as(kind: type[T], event: Event) -> T:
    """Return the event's data as the typed `kind`. Raises `ProtocolError` when it is not of that shape."""
    try:
        return msgspec.convert(event.data, kind)
    except msgspec.ValidationError as error:
        raise ProtocolError(f"{event.type[:80]}: {error}") from None


async def _finish(reader: asyncio.StreamReader, first: bytes, data_bytes: int) -> Event:
    header = _decode(first + await _rest_of_line(reader, first), _Header)
    data = header.data
    if header.data_length and header.data_length > data_bytes:
        length = header.data_length
        raise EventTooLong(f"an event has {length} bytes of data; send at most {data_bytes} (server.max_event_bytes)")
    if header.data_length:
        data |= _decode(await reader.readexactly(header.data_length), dict[str, Any])
    if header.payload_length:
        await reader.readexactly(header.payload_length)
    return Event(header.type, data)


async def _rest_of_line(reader: asyncio.StreamReader, first: bytes) -> bytes:
    if first == b"\n":
        return b""
    try:
        return await reader.readuntil(b"\n")
    except asyncio.LimitOverrunError:
        raise ProtocolError(f"the header of an event is longer than {MAX_HEADER_BYTES} bytes") from None


def _decode(text: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise ProtocolError(f"this is not a Wyoming event: {error}") from None


@contextmanager
def _deadline(reader: asyncio.StreamReader, seconds: float) -> Iterator[None]:
    """Make `reader` raise `ProtocolError` when the block takes longer than `seconds`."""
    late = ProtocolError(f"an event was not complete after {seconds:g} s")
    timer = asyncio.get_running_loop().call_later(seconds, reader.set_exception, late)
    try:
        yield
    finally:
        timer.cancel()


MAX_AUDIO_CHUNK_BYTES = 2 * 4096
"""At most 4096 samples, 170 ms, in one event."""


async def audio_events(sounds: AsyncIterator[bytes]) -> AsyncGenerator[Event, None]:
    """Yield `sounds`, s16le mono PCM at `SAMPLE_RATE`, as one cycle: nothing before there is a first sound."""
    started = False
    async for sound in sounds:
        if not started:
            yield AudioStart(SAMPLE_RATE, 2, 1).event()
            started = True
        for start in range(0, len(sound), MAX_AUDIO_CHUNK_BYTES):
            yield AudioChunk(SAMPLE_RATE, 2, 1, sound[start : start + MAX_AUDIO_CHUNK_BYTES]).event()
    yield AudioStop().event()
