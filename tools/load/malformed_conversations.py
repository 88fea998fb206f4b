"""Conversations with which something is wrong, drawn by a seeded generator: what a port scan, a broken client, or ill
will sends to a Wyoming server. None of them asks for much to be spoken.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import struct
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

TYPES = (
    *("describe", "ping", "select-program", "synthesize", "synthesize-start", "synthesize-chunk", "synthesize-stop"),
    *("audio-start", "audio-chunk", "audio-stop", "transcribe", "detect", "info", "error", "run-satellite", "", "\x00"),
)
ODD: tuple[Any, ...] = (
    *(None, True, -1, 0, 1.5, 1e308, 2**31, 2**63, -(2**63), 10**30, "", "-", "\x00", "\u202e", "-" * 400),
    *([], [[]], {}, {"name": {}}, [None] * 50),
)
SAID = ("Yes. ", "No. ", "Hello there. ")
"""Spoken once and kept, also where it is said several times: the machine's time is the good client's."""
TEXT = re.compile(rb'"text": "([^"]*)"')
HALF_CLOSED, RESET = "half-closed", "reset"
NO_LINGER = struct.pack("ii", 1, 0)
STRANGER = ("127.0.0.2", 0) if sys.platform == "linux" else None
"""Another address than that of the good client, since a server may count the connections of each."""
WAIT_SECONDS = 0.3
"""How long an ill client waits for an answer."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """What an ill client does, step by step."""

    kind: str
    steps: tuple[bytes | float, ...]
    """Bytes to send, seconds to pause."""
    ending: str = ""
    """What it does in the end before it waits for an answer: nothing, `HALF_CLOSED`, or `RESET` and no wait."""


async def converse(port: int, conversation: Conversation) -> str:
    """Have `conversation` with the server on `port`; return how it ended: an error, a hang-up, or nothing in time."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=STRANGER)
    except OSError:
        return "not let in"
    try:
        await _act(writer, conversation)
        return await asyncio.wait_for(_ending(reader), WAIT_SECONDS)
    except asyncio.TimeoutError:  # an OSError since Python 3.11
        return "left"
    except OSError:
        return "reset by the server"
    finally:
        writer.transport.abort()


async def _act(writer: asyncio.StreamWriter, conversation: Conversation) -> None:
    for step in conversation.steps:
        if isinstance(step, bytes):
            writer.write(step)
            await asyncio.wait_for(writer.drain(), WAIT_SECONDS)
        else:
            await asyncio.sleep(step)
    if conversation.ending == HALF_CLOSED:
        writer.write_eof()
    if conversation.ending == RESET:
        sock: socket.socket = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        raise ConnectionResetError


async def _ending(reader: asyncio.StreamReader) -> str:
    said = b""
    while piece := await reader.read(65536):
        said = (said + piece)[-65536:]
    return "told an error" if b'"error"' in said else "hung up on"


# The conversations


def event(kind: str, data: Any = None, payload: bytes = b"") -> bytes:
    """Return a Wyoming event as the library writes it."""
    header: dict[str, Any] = {"type": kind, "version": "1.10.2"}
    block = b"" if data is None else json.dumps(data).encode()
    if block:
        header["data_length"] = len(block)
    if payload:
        header["payload_length"] = len(payload)
    return json.dumps(header).encode() + b"\n" + block + payload


def draw(dice: Random) -> Conversation:
    """Return one of all the conversations there are."""
    return dice.choice(KINDS)(dice)


def _good(dice: Random) -> list[bytes]:
    """What a client says that knows how to."""
    text = dice.choice(SAID)
    stream = [event("synthesize-start", {"voice": {"name": "af_heart"}}), event("synthesize-chunk", {"text": text})]
    whole = event("synthesize", {"text": text, "voice": {"name": "af_heart"}})
    return dice.choice([[whole], [*stream, whole, event("synthesize-stop")], [event("describe")], [event("ping", {})]])


def _garbage(dice: Random) -> Conversation:
    return Conversation("binary garbage", (dice.randbytes(dice.randint(1, 5000)),), dice.choice(["", HALF_CLOSED]))


def _lines_of_garbage(dice: Random) -> Conversation:
    lines = b"\n".join(dice.randbytes(dice.randint(0, 60)) for _ in range(dice.randint(1, 40)))
    return Conversation("binary garbage", (lines + b"\n",))


def _http(dice: Random) -> Conversation:
    method = dice.choice(["GET", "POST", "HEAD", "OPTIONS", "CONNECT"])
    path = dice.choice(["/", "/.env", "/metrics", "/admin/../../etc/passwd", "*", "/" + "a" * dice.randint(1, 9000)])
    headers = "".join(f"X-{number}: {'v' * dice.randint(0, 300)}\r\n" for number in range(dice.randint(0, 20)))
    return Conversation("HTTP", (f"{method} {path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n".encode(),))


def _tls(dice: Random) -> Conversation:
    hello = b"\x16\x03\x01" + struct.pack(">H", 512) + b"\x01" + dice.randbytes(511)
    return Conversation("TLS", (hello,))


def _cut(dice: Random) -> Conversation:
    said = b"".join(_good(dice))
    return Conversation("cut short", (said[: dice.randrange(len(said))],), dice.choice(["", HALF_CLOSED, RESET]))


def _mutated(dice: Random) -> Conversation:
    """All but the text may change: another text would be a wish like any other, for which there is room or not."""
    said = b"".join(_good(dice))
    texts = {place for text in TEXT.finditer(said) for place in range(*text.span(1))}
    octets = [said[place : place + 1] for place in range(len(said))]
    for place in dice.choices([place for place in range(len(said)) if place not in texts], k=dice.randint(1, 6)):
        octets[place] = dice.randbytes(dice.choice([0, 1, 1, 2, 3]))
    return Conversation("mutated", (b"".join(octets),), dice.choice(["", HALF_CLOSED]))


def _odd_header(dice: Random) -> Conversation:
    header: dict[str, Any] = {"type": dice.choice(TYPES), "data": {}, "version": "1.10.2"}
    for key in dice.sample(["type", "data", "data_length", "payload_length", "version", "x" * 300], dice.randint(1, 3)):
        header[key] = dice.choice(ODD)
    if dice.random() < 0.2:
        del header["type"]
    return Conversation(
        "wrong types in the header", (json.dumps(header).encode() + b"\n",), dice.choice(["", HALF_CLOSED])
    )


def _odd_data(dice: Random) -> Conversation:
    kind = dice.choice(TYPES)
    data: Any = {key: dice.choice(ODD) for key in dice.sample(["text", "voice", "name", "text_format", "x"], 3)}
    if dice.random() < 0.3:
        data = dice.choice(ODD)
    if dice.random() < 0.5:
        data = {"voice": {"name": dice.choice(ODD), "language": dice.choice(ODD), "speaker": dice.choice(ODD)}}
    return Conversation("wrong types in the data", (event(kind, data), event("synthesize-stop")))


def _odd_text(dice: Random) -> Conversation:
    text = dice.choice(["", " ", "\x00", "\ud800", "🤖" * 50, "<speak>x</speak>", "\u202e\u0300" * 30, "x" * 200_000])
    return Conversation("odd text", (event("synthesize", {"text": text}),))


def _huge(dice: Random) -> Conversation:
    length = dice.choice([65_537, 1_048_577, 10**9, 2**63, 10**40])
    key = dice.choice(["data_length", "payload_length"])
    header = json.dumps({"type": dice.choice(TYPES), key: length}).encode() + b"\n"
    return Conversation("huge length", (header, dice.randbytes(dice.randint(0, 70_000))))


def _short_of_data(dice: Random) -> Conversation:
    header = json.dumps({"type": "synthesize", "data_length": dice.randint(50, 5000)}).encode() + b"\n"
    return Conversation("less data than told", (header, b'{"text": "x"'), dice.choice(["", HALF_CLOSED, RESET]))


def _not_utf8(dice: Random) -> Conversation:
    bad = dice.choice([b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80"])
    if dice.random() < 0.5:
        return Conversation("not UTF-8", (b'{"type": "synthesize' + bad + b'"}\n',))
    block = b'{"text": "' + bad + b'"}'
    return Conversation("not UTF-8", (b'{"type": "synthesize", "data_length": %d}\n' % len(block) + block,))


def _not_json(dice: Random) -> Conversation:
    depth = dice.randint(1, 20_000)
    bad = [b"[" * depth, b'{"a":' * depth, b'{"type": "describe"', b"NaN", b'"', b"{} {}", b"'describe'", b"\\u0000"]
    return Conversation("not JSON", (dice.choice(bad) + b"\n",))


def _out_of_order(dice: Random) -> Conversation:
    data = {"text": dice.choice(SAID), "name": "kokoro"}
    kinds = dice.choices(TYPES, k=dice.randint(1, 12))
    return Conversation(
        "out of order", tuple(event(kind, data) for kind in kinds), dice.choice(["", HALF_CLOSED, RESET])
    )


def _endless_header(dice: Random) -> Conversation:
    return Conversation("endless header", tuple(b'{"type": "' + b"a" * 30_000 for _ in range(dice.randint(2, 6))))


def _drop_by_drop(dice: Random) -> Conversation:
    said = b"".join(_good(dice))[: dice.randint(2, 20)]
    steps = tuple(step for byte in said for step in (bytes([byte]), 0.01))
    return Conversation("drop by drop", steps, dice.choice(["", HALF_CLOSED, RESET]))


def _gone(dice: Random) -> Conversation:
    pause = dice.choice([0.0, 0.02, 0.1])
    return Conversation("gone while it is spoken to", (b"".join(_good(dice)), pause), RESET)


def _deaf(dice: Random) -> Conversation:
    return Conversation("asks and does not listen", (b"".join(_good(dice)) * dice.randint(5, 40),), RESET)


def _payloads(dice: Random) -> Conversation:
    said = b"".join(
        event("audio-chunk", {"rate": 1, "width": 1, "channels": 1}, dice.randbytes(9000)) for _ in range(8)
    )
    return Conversation("unasked audio", (said,), dice.choice(["", HALF_CLOSED]))


KINDS: Sequence[Callable[[Random], Conversation]] = (
    *(_garbage, _lines_of_garbage, _http, _tls, _cut, _mutated, _odd_header, _odd_data, _odd_text, _huge),
    *(_short_of_data, _not_utf8, _not_json, _out_of_order, _endless_header, _drop_by_drop, _gone, _deaf, _payloads),
)
