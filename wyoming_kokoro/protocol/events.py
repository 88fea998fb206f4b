"""Reads Wyoming events from clients that may send anything.

A Wyoming event is a line of JSON, then `data_length` bytes of JSON that are merged over its `data`, then
`payload_length` bytes. Every length and the time to receive an event are limited.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from wyoming_kokoro.decoding import parse_json
from wyoming_kokoro.errors import EventTooLong, ProtocolError
from wyoming_kokoro.types import ignore

# Home Assistant names the entity of a user after the program: another name would be another entity.
PROGRAM = "kokoro"
# The `limit` of every stream reader.
MAX_HEADER_BYTES = 64 * 1024
# The default of `server.max_event_bytes`.
MAX_DATA_BYTES = 1024 * 1024
MAX_PAYLOAD_BYTES = 64 * 1024
EVENT_TIMEOUT_SECONDS = 30.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """An event whose data is not decoded. Most events need only a part of it."""

    type: str
    data: tuple[bytes, ...]
    """JSON objects. Each one overrides those before it."""

    @property
    def size(self) -> int:
        """The length of the data in bytes."""
        return sum(map(len, self.data))


class _AnyObject(msgspec.Struct, frozen=True):
    """A JSON object of which nothing is decoded."""


class _Header(msgspec.Struct, frozen=True):
    type: str
    data: msgspec.Raw = msgspec.Raw(b"{}")
    data_length: Annotated[int, Meta(ge=0)] | None = None
    payload_length: Annotated[int, Meta(ge=0, le=MAX_PAYLOAD_BYTES)] | None = None


async def read_event(
    reader: asyncio.StreamReader,
    seconds: float = EVENT_TIMEOUT_SECONDS,
    data_bytes: int = MAX_DATA_BYTES,
    hold: Callable[[int], object] = ignore,
) -> ReceivedEvent | None:
    """Return the next event without its payload, or None at the end of the input.

    Waits without limit for the first byte, then `seconds` for the rest. The data may have `data_bytes` bytes. `hold`
    gets the size of the data before it arrives, and may raise. Raises `ProtocolError`, after which `reader` cannot be
    used, and the `OSError` of the transport.
    """
    first = await reader.read(1)
    if not first:
        return None
    with _deadline(reader, seconds):
        try:
            return await _finish(reader, first, data_bytes, hold)
        except asyncio.IncompleteReadError:
            raise ProtocolError("the connection ended inside an event") from None


def data_as(kind: type[T], event: ReceivedEvent) -> T:
    """Return the data of `event` as the type `kind`. Raises `ProtocolError` when the data does not fit."""
    try:
        if len(event.data) == 1:
            return parse_json(event.data[0], kind)
        merged: dict[str, msgspec.Raw] = {}
        for part in event.data:
            merged |= parse_json(part, dict[str, msgspec.Raw])
        return parse_json(msgspec.json.encode(merged), kind)
    except ValueError as error:
        raise ProtocolError(f"{event.type[:80]}: {error}") from None


async def _finish(
    reader: asyncio.StreamReader, first: bytes, data_bytes: int, hold: Callable[[int], object]
) -> ReceivedEvent:
    line = first + await _rest_of_line(reader, first)
    if line.startswith((b"PROXY ", b"\r\n")):
        raise ProtocolError("not a Wyoming event; for a PROXY header, add the load balancer to server.proxies")
    header = _decode(line, _Header)
    data, length = bytes(header.data), header.data_length or 0
    if length > data_bytes:
        raise EventTooLong(f"event data too long: {length} bytes; send at most {data_bytes} (server.max_event_bytes)")
    hold(len(data) + length)
    _decode(data, _AnyObject)
    block = await reader.readexactly(length)
    _decode(block or data, _AnyObject)
    if header.payload_length:
        await reader.readexactly(header.payload_length)
    return ReceivedEvent(header.type, tuple(filter(None, (data, block))))


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
