"""The form of Wyoming events, which clients may break.

A Wyoming event is a line of JSON, then `data_length` bytes of JSON that are merged over its `data`, then
`payload_length` bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from wyoming_kokoro.decoding import parse_json
from wyoming_kokoro.errors import ProtocolError

# Home Assistant names the entity of a user after the program: another name would be another entity.
PROGRAM = "kokoro"
# The `limit` of every stream reader.
MAX_HEADER_BYTES = 64 * 1024
# The default of `server.max_event_bytes`.
MAX_DATA_BYTES = 1024 * 1024
MAX_PAYLOAD_BYTES = 64 * 1024

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """An event whose data is not decoded. Most events need only a part of it."""

    type: str
    data: tuple[bytes, ...]
    """JSON objects. Each one overrides those before it."""


class EventHeader(msgspec.Struct, frozen=True):
    """The line of JSON."""

    type: str
    data: msgspec.Raw = msgspec.Raw(b"{}")
    data_length: Annotated[int, Meta(ge=0)] | None = None
    payload_length: Annotated[int, Meta(ge=0, le=MAX_PAYLOAD_BYTES)] | None = None

    def with_data(self, block: bytes) -> ReceivedEvent:
        """Return the event with the `data_length` bytes `block`. Raises `ProtocolError` for what is no JSON object."""
        parts = tuple(filter(None, (bytes(self.data), block)))
        for part in parts:
            _decode(part, _AnyObject)
        return ReceivedEvent(self.type, parts)


class _AnyObject(msgspec.Struct, frozen=True):
    """A JSON object of which nothing is decoded."""


def parse_header(line: bytes) -> EventHeader:
    """Return the header of an event. Raises `ProtocolError`."""
    return _decode(line, EventHeader)


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


def _decode(text: bytes, kind: type[T]) -> T:
    try:
        return parse_json(text, kind)
    except ValueError as error:
        raise ProtocolError(f"not a Wyoming event: {error}") from None
