from __future__ import annotations

import asyncio
import itertools
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wyoming.event import Event, async_write_event

from wyoming_kokoro.errors import ProtocolError
from wyoming_kokoro.protocol.event_format import (
    MAX_DATA_BYTES,
    MAX_HEADER_BYTES,
    MAX_PAYLOAD_BYTES,
    ReceivedEvent,
    data_as,
)
from wyoming_kokoro.protocol.events import read_event


class Text(msgspec.Struct):
    text: str


class FakeWriter:
    """Records what the Wyoming library writes."""

    def __init__(self) -> None:
        self.written = b""

    def write(self, raw: bytes) -> None:
        self.written += raw

    def writelines(self, raws: tuple[bytes, ...]) -> None:
        self.written += b"".join(raws)

    async def drain(self) -> None:
        pass


async def read_all(*pieces: bytes) -> list[Event]:
    """Return the events of `pieces`, which arrive one after the other."""
    reader = asyncio.StreamReader(MAX_HEADER_BYTES)

    async def feed() -> None:
        for piece in pieces:
            reader.feed_data(piece)
            await asyncio.sleep(0)
        reader.feed_eof()

    feeding = asyncio.create_task(feed())
    events = []
    try:
        while event := await read_event(reader):
            events.append(Event(event.type, data_as(dict[str, Any], event)))
    finally:
        await feeding
    return events


def split(raw: bytes, positions: list[int]) -> list[bytes]:
    bounds = [0, *sorted(position % (len(raw) + 1) for position in positions), len(raw)]
    return [raw[start:end] for start, end in itertools.pairwise(bounds)]


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
valid_events = st.builds(
    Event, st.text(min_size=1), st.dictionaries(st.text(), values, max_size=4), st.none() | st.binary()
)
positions = st.lists(st.integers(0, 10_000), max_size=8)


@given(st.lists(valid_events, max_size=4), positions)
def test_valid_events_are_read_from_any_split(events: list[Event], positions: list[int]) -> None:
    """Without their payloads."""

    async def exchange() -> list[Event]:
        writer: Any = FakeWriter()
        for event in events:
            await async_write_event(event, writer)
        return await read_all(*split(writer.written, positions))

    assert asyncio.run(exchange()) == [Event(event.type, event.data) for event in events]


headers = st.fixed_dictionaries(
    {},
    optional={
        "type": values,
        "data": values,
        "data_length": st.integers(-5, 40) | values,
        "payload_length": st.integers(-5, 40) | values,
    },
).map(lambda header: json.dumps(header).encode() + b"\n")


@given(st.lists(st.binary() | headers, max_size=6), positions)
def test_arbitrary_bytes_give_an_event_or_a_protocol_error(pieces: list[bytes], positions: list[int]) -> None:
    try:
        events = asyncio.run(read_all(*split(b"".join(pieces), positions)))
    except ProtocolError:
        return
    for event in events:
        assert isinstance(event.type, str)
        assert isinstance(event.data, dict)


@pytest.mark.parametrize(
    "raw",
    [
        b"\n",
        b"[]\n",
        b"{}\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x00" * 100 + b"\n",
        b'{"type": 1}\n',
        b'{"type": "describe", "data": null}\n',
        b'{"type": "describe", "data": []}\n',
        b'{"type": "\xff"}\n',
        b'{"type": "describe", "data_length": -1}\n',
        b'{"type": "describe", "data_length": "7"}\n',
        b'{"type": "describe", "data_length": true}\n',
        b'{"type": "describe", "data_length": 2}\n[]',
        b'{"type": "describe", "data_length": 9}\n{"a": 1}',
        b'{"type": "describe", "payload_length": -1}\n',
        b'{"type": "describe", "payload_length": 3}\n..',
        b'{"type": "describe"',
        b'{"type": "describe", "data": {"text": "\\ud83d"}}\n',
        # Python 3.14 can decode 100,000 levels.
        b'{"type": "x", "data_length": 1000007}\n{"x": ' + b"[" * 500_000 + b"]" * 500_000 + b"}",
        b'{"type": "' + b"x" * MAX_HEADER_BYTES + b'"}\n',
        b"x" * 3 * MAX_HEADER_BYTES,
        b'{"type": "describe", "data_length": %d}\n' % (MAX_DATA_BYTES + 1),
        b'{"type": "describe", "payload_length": %d}\n' % (MAX_PAYLOAD_BYTES + 1),
        b'{"type": "describe", "payload_length": 1' + b"0" * 5000 + b"}\n",
    ],
    ids=lambda raw: repr(raw[:40]),
)
async def test_invalid_event_is_a_protocol_error(raw: bytes) -> None:
    with pytest.raises(ProtocolError):
        await read_all(raw)


async def test_event_at_both_length_limits_is_read() -> None:
    text = "x" * (MAX_DATA_BYTES - len('{"text": ""}'))
    data = json.dumps({"text": text}).encode()
    header = {"type": "t", "data_length": len(data), "payload_length": MAX_PAYLOAD_BYTES}
    raw = json.dumps(header).encode() + b"\n" + data + b"p" * MAX_PAYLOAD_BYTES
    assert await read_all(raw, b'{"type": "next"}\n') == [Event("t", {"text": text}), Event("next")]


async def test_data_block_overrides_data_of_the_header() -> None:
    raw = b'{"type": "t", "data": {"a": 1, "b": 1}, "data_length": 16}\n{"b": 2, "c": 2}'
    assert await read_all(raw) == [Event("t", {"a": 1, "b": 2, "c": 2})]


async def test_data_is_decoded_only_into_what_an_event_needs() -> None:
    """A megabyte of numbers as Python objects takes thirty times as much memory."""
    block = b'{"x": [' + b"0.5," * 100_000 + b'0], "text": "hi"}'
    reader = asyncio.StreamReader(MAX_HEADER_BYTES)
    reader.feed_data(b'{"type": "x", "data": {"y": 1}, "data_length": %d}\n' % len(block) + block)
    event = await read_event(reader)
    assert event == ReceivedEvent("x", (b'{"y": 1}', block))
    assert data_as(Text, event).text == "hi"


async def test_null_lengths_and_unknown_keys_are_accepted() -> None:
    """Other implementations write them."""
    raw = b'{"type": "ping", "data_length": null, "payload_length": null, "version": "9", "x": []}\n'
    assert await read_all(raw) == [Event("ping")]


async def test_incomplete_event_times_out() -> None:
    reader = asyncio.StreamReader(MAX_HEADER_BYTES)
    reader.feed_data(b'{"type": "descr')
    with pytest.raises(ProtocolError, match="event not complete"):
        await read_event(reader, seconds=0.01)


async def test_timeout_starts_at_the_first_byte() -> None:
    """Connections may be idle before."""
    reader = asyncio.StreamReader(MAX_HEADER_BYTES)
    reading = asyncio.create_task(read_event(reader, seconds=0.01))
    await asyncio.sleep(0.05)
    reader.feed_data(b'{"type": "describe"}\n')
    assert await reading == ReceivedEvent("describe", (b"{}",))


def test_data_of_the_wrong_type_is_a_protocol_error() -> None:
    """The message names the event and the path of the value."""

    assert data_as(Text, ReceivedEvent("x", (b'{"text": "a", "more": 1}',))).text == "a"
    with pytest.raises(ProtocolError, match=r"x: Expected `str`, got `int` - at `\$.text`"):
        data_as(Text, ReceivedEvent("x", (b'{"text": 1}',)))
