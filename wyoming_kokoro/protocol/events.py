"""Reads Wyoming events from clients that may send anything. Every length and the time to receive one are limited."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from wyoming_kokoro.errors import EventTooLong, ProtocolError
from wyoming_kokoro.protocol.event_format import MAX_DATA_BYTES, MAX_HEADER_BYTES, ReceivedEvent, parse_header
from wyoming_kokoro.types import ignore

EVENT_TIMEOUT_SECONDS = 30.0


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


async def _finish(
    reader: asyncio.StreamReader, first: bytes, data_bytes: int, hold: Callable[[int], object]
) -> ReceivedEvent:
    line = first + await _rest_of_line(reader, first)
    if line.startswith((b"PROXY ", b"\r\n")):
        raise ProtocolError("not a Wyoming event; for a PROXY header, add the load balancer to server.proxies")
    header = parse_header(line)
    length = header.data_length or 0
    if length > data_bytes:
        raise EventTooLong(f"event data too long: {length} bytes; send at most {data_bytes} (server.max_event_bytes)")
    hold(len(bytes(header.data)) + length)
    event = header.with_data(await reader.readexactly(length))
    if header.payload_length:
        await reader.readexactly(header.payload_length)
    return event


async def _rest_of_line(reader: asyncio.StreamReader, first: bytes) -> bytes:
    if first == b"\n":
        return b""
    try:
        return await reader.readuntil(b"\n")
    except asyncio.LimitOverrunError:
        raise ProtocolError(f"event header too long; send at most {MAX_HEADER_BYTES} bytes") from None


@contextmanager
def _deadline(reader: asyncio.StreamReader, seconds: float) -> Iterator[None]:
    """Make `reader` raise `ProtocolError` when the block takes more than `seconds`."""
    error = ProtocolError(f"event not complete after {seconds:g} s")
    timer = asyncio.get_running_loop().call_later(seconds, reader.set_exception, error)
    try:
        yield
    finally:
        timer.cancel()
