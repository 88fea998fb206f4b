"""Reads Wyoming events from clients that may send anything, and writes audio events.

A Wyoming event is a line of JSON, then `data_length` bytes of JSON that are merged over its `data`, then
`payload_length` bytes. Every length and the time to receive an event are limited.
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

from wyoming_kokoro.decoding import parse_json
from wyoming_kokoro.errors import EventTooLong, ProtocolError

# The `limit` of every stream reader.
MAX_HEADER_BYTES = 64 * 1024
# The default of `server.max_event_bytes`.
MAX_DATA_BYTES = 1024 * 1024
MAX_PAYLOAD_BYTES = 64 * 1024
EVENT_TIMEOUT_SECONDS = 30.0
# 4096 samples, 170 ms.
MAX_AUDIO_CHUNK_BYTES = 2 * 4096

T = TypeVar("T")


class _Header(msgspec.Struct, frozen=True):
    type: str
    data: dict[str, Any] = msgspec.field(default_factory=dict)
    data_length: Annotated[int, Meta(ge=0)] | None = None
    payload_length: Annotated[int, Meta(ge=0, le=MAX_PAYLOAD_BYTES)] | None = None


async def read_event(
    reader: asyncio.StreamReader, seconds: float = EVENT_TIMEOUT_SECONDS, data_bytes: int = MAX_DATA_BYTES
) -> Event | None:
    """Return the next event without its payload, or None at the end of the input.

    Waits without limit for the first byte, then `seconds` for the rest. The data may have `data_bytes` bytes.
    Raises `ProtocolError`, after which `reader` cannot be used, and the `OSError` of the transport.
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
    """Return the data of `event` as the type `kind`. Raises `ProtocolError` when the data does not fit."""
    try:
        return msgspec.convert(event.data, kind)
    except msgspec.ValidationError as error:
        raise ProtocolError(f"{event.type[:80]}: {error}") from None


async def _finish(reader: asyncio.StreamReader, first: bytes, data_bytes: int) -> Event:
    line = first + await _rest_of_line(reader, first)
    if line.startswith((b"PROXY ", b"\r\n")):
        raise ProtocolError("not a Wyoming event; for a PROXY header, add the load balancer to server.proxies")
    header = _decode(line, _Header)
    data = header.data
    if header.data_length and header.data_length > data_bytes:
        length = header.data_length
        raise EventTooLong(f"event data too long: {length} bytes; send at most {data_bytes} (server.max_event_bytes)")
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
        raise ProtocolError(f"event header too long; send at most {MAX_HEADER_BYTES} bytes") from None


def _decode(text: bytes, kind: type[T]) -> T:
    try:
        return parse_json(text, kind)
    except ValueError as error:
        raise ProtocolError(f"not a Wyoming event: {error}") from None


@contextmanager
def _deadline(reader: asyncio.StreamReader, seconds: float) -> Iterator[None]:
    """Make `reader` raise `ProtocolError` when the block takes more than `seconds`."""
    error = ProtocolError(f"event not complete after {seconds:g} s")
    timer = asyncio.get_running_loop().call_later(seconds, reader.set_exception, error)
    try:
        yield
    finally:
        timer.cancel()


async def audio_events(chunks: AsyncIterator[bytes], rate: int) -> AsyncGenerator[Event, None]:
    """Yield s16le mono PCM at `rate` as one `audio-start` ... `audio-stop` cycle."""
    is_started = False
    async for pcm in chunks:
        if not is_started:
            yield AudioStart(rate, 2, 1).event()
            is_started = True
        for start in range(0, len(pcm), MAX_AUDIO_CHUNK_BYTES):
            yield AudioChunk(rate, 2, 1, pcm[start : start + MAX_AUDIO_CHUNK_BYTES]).event()
    yield AudioStop().event()
