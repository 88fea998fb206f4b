"""Hostile clients, each from addresses of its own, that run for some seconds in a process of their own."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

MAX_TEXT_CHARACTERS = 100_000
LOWEST_PRIORITY = 15
PIECE_BYTES = 65536
BURST_CONNECTIONS, BURST_SECONDS = 3000, 0.2
PAUSE_BETWEEN_BURSTS_SECONDS = 2.0
RECONNECT_SECONDS = 0.05


def event(kind: str, data: object = None) -> bytes:
    """Return an event. `data` may be encoded already."""
    block = data if isinstance(data, bytes) else b"" if data is None else json.dumps(data).encode()
    return json.dumps({"type": kind, "data_length": len(block)}).encode() + b"\n" + block


NESTED = b'{"x": ' + b'{"a":' * 200 + b"[0.123456789]" + b"}" * 200 + b', "y": [' + b"0.123456789," * 80_000 + b"0]}"
# A piece of each kind of input that took long for each byte, and how many connections send it.
EVENTS = event("x") * 1000
JSON = event("x", NESTED)
NAMES = event("synthesize", {"text": "Hello.", "voice": {"name": "a" * 900_000}})
NAME_TAGS = event("synthesize", {"text": "[voice:af_hearz]a " * 5000})
ENTITIES = event("synthesize", {"text": "<speak>" + "&#" * 49_000})
CACHED = event("synthesize", {"text": "a\n\n" * 33_000})
LONG = event("synthesize", {"text": "This is one long sentence of a very long text. " * 2000})
DESCRIBES = event("describe") * 1000


async def send(port: int, address: str, data: bytes, *, reads: bool) -> None:
    """Send `data` over and over on new connections, and read the answers, or nothing."""
    while True:
        writer = None
        with suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", port, local_addr=(address, 0), limit=PIECE_BYTES
            )
            reading = asyncio.create_task(_read(reader) if reads else asyncio.sleep(3600))
            try:
                while not (reading.done() or writer.is_closing()):
                    writer.write(data)
                    writing = asyncio.create_task(_drain(writer))
                    await asyncio.wait({reading, writing}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                reading.cancel()
        if writer:
            writer.transport.abort()
        await asyncio.sleep(RECONNECT_SECONDS)


async def _drain(writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        await writer.drain()


async def _read(reader: asyncio.StreamReader) -> None:
    with suppress(OSError):
        while await reader.read(PIECE_BYTES):
            pass


async def crowd(port: int, count: int, data: bytes = b"") -> None:
    """Keep `count` connections open, from two addresses, that send `data` once and nothing else."""

    async def stay(address: str) -> None:
        while True:
            writer = None
            with suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
                writer.write(data)
                await _read(reader)
            if writer:
                writer.transport.abort()
            await asyncio.sleep(RECONNECT_SECONDS)

    await asyncio.gather(*(stay(f"127.0.0.{2 + number % 2}") for number in range(count)))


async def burst(port: int) -> None:
    """Open thousands of connections at once, from time to time."""
    while True:
        started = time.monotonic()
        writers = []
        for number in range(BURST_CONNECTIONS):
            with suppress(OSError):
                opening = asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.0.2", 0))
                writers.append(asyncio.create_task(opening))
            if number % 100 == 0:
                due = started + BURST_SECONDS * number / BURST_CONNECTIONS
                await asyncio.sleep(max(0.0, due - time.monotonic()))
        for done in await asyncio.gather(*writers, return_exceptions=True):
            if not isinstance(done, BaseException):
                done[1].transport.abort()
        await asyncio.sleep(PAUSE_BETWEEN_BURSTS_SECONDS)


async def garbage(port: int) -> None:
    """Send bytes that are no events, on one connection after the other."""

    async def repeat() -> None:
        while True:
            with suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.0.2", 0))
                writer.write(b"GET / HTTP/1.1\r\n\x1b[31m\r\n\r\n")
                await _read(reader)
                writer.transport.abort()

    await asyncio.gather(*(repeat() for _ in range(20)))


async def bodies(port: int) -> None:
    """Keep 64 HTTP requests open whose bodies do not end, and send malformed ones."""
    request = (
        b"POST /api/say HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
    )
    malformed = b"GET / HTTP/1.1\r\nbad header\r\n\r\n"
    await asyncio.gather(crowd(port, 64, request), send(port, "127.0.0.2", malformed, reads=True))


def _senders(data: bytes, count: int, *, reads: bool = True) -> Callable[[int], Awaitable[object]]:
    return lambda port: asyncio.gather(*(send(port, "127.0.0.2", data, reads=reads) for _ in range(count)))


FLOODS: Mapping[str, Callable[[int], Awaitable[object]]] = {
    "nothing": lambda _: asyncio.sleep(3600),
    "events": _senders(EVENTS, 10),
    "describes": _senders(DESCRIBES, 10),
    "JSON": _senders(JSON, 4),
    "voice names": _senders(NAMES, 4),
    "voice tags": _senders(NAME_TAGS, 4),
    "entities": _senders(ENTITIES, 4),
    "cached hog": _senders(CACHED, 8),
    "long texts": _senders(LONG, 8),
    "3,000 connects": burst,
    "idle crowd": lambda port: crowd(port, 110),
    "parked memory": _senders(JSON + LONG + DESCRIBES, 50, reads=False),
    "stalled readers": _senders(LONG, 8, reads=False),
    "garbage": garbage,
    "unfinished bodies": bodies,
}
"""What each flood does to the port of the server, or of the dashboard for the last one."""


def run_flood(name: str, port: int, seconds: float) -> None:
    """Run one flood for some seconds. The clients that measure precede it on the CPU."""

    async def run() -> None:
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(FLOODS[name](port), seconds)

    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    os.nice(LOWEST_PRIORITY)
    asyncio.run(run())
