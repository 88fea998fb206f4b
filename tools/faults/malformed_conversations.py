"""Generates malformed Wyoming conversations, as port scanners, broken clients and attackers cause them.

The generator is seeded. No conversation requests much speech.
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
# Short and always the same, so that the server takes them from its cache and has time for the correct client.
SPOKEN_TEXTS = ("Yes. ", "No. ", "Hello there. ")
TEXT = re.compile(rb'"text": "([^"]*)"')
HALF_CLOSED, RESET = "half-closed", "reset"
NO_LINGER = struct.pack("ii", 1, 0)
# The address differs from that of a correct client, because a server may limit the connections per address.
SOURCE_ADDRESS = ("127.0.0.2", 0) if sys.platform == "linux" else None
ANSWER_TIMEOUT_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Conversation:
    """The steps of a malformed client."""

    kind: str
    steps: tuple[bytes | float, ...]
    """Bytes to send, seconds to pause."""
    ending: str = ""
    """What happens before the wait for an answer: nothing, `HALF_CLOSED`, or `RESET`, which does not wait."""


async def run_conversation(port: int, conversation: Conversation) -> str:
    """Run `conversation` with the server on `port`, and return how the connection ended."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=SOURCE_ADDRESS)
    except OSError:
        return "not accepted"
    try:
        await _send_steps(writer, conversation)
        return await asyncio.wait_for(_read_ending(reader), ANSWER_TIMEOUT_SECONDS)
    except asyncio.TimeoutError:  # an OSError since Python 3.11, so it comes first
        return "no answer in time"
    except OSError:
        return "reset by the server"
    finally:
        writer.transport.abort()


async def _send_steps(writer: asyncio.StreamWriter, conversation: Conversation) -> None:
    for step in conversation.steps:
        if isinstance(step, bytes):
            writer.write(step)
            await asyncio.wait_for(writer.drain(), ANSWER_TIMEOUT_SECONDS)
        else:
            await asyncio.sleep(step)
    if conversation.ending == HALF_CLOSED:
        writer.write_eof()
    if conversation.ending == RESET:
        sock: socket.socket = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        raise ConnectionResetError


async def _read_ending(reader: asyncio.StreamReader) -> str:
    received = b""
    while data := await reader.read(65536):
        received = (received + data)[-65536:]
    return "error event" if b'"error"' in received else "closed by the server"


# Kinds of conversations


def encode_event(kind: str, data: Any = None, payload: bytes = b"") -> bytes:
    """Return a Wyoming event in the form of the `wyoming` package."""
    header: dict[str, Any] = {"type": kind, "version": "1.10.2"}
    block = b"" if data is None else json.dumps(data).encode()
    if block:
        header["data_length"] = len(block)
    if payload:
        header["payload_length"] = len(payload)
    return json.dumps(header).encode() + b"\n" + block + payload


def generate_conversation(random: Random) -> Conversation:
    """Return a conversation of a random kind."""
    return random.choice(KINDS)(random)


def _correct_events(random: Random) -> list[bytes]:
    """Return the events of a correct client."""
    text = random.choice(SPOKEN_TEXTS)
    stream = [
        encode_event("synthesize-start", {"voice": {"name": "af_heart"}}),
        encode_event("synthesize-chunk", {"text": text}),
    ]
    whole = encode_event("synthesize", {"text": text, "voice": {"name": "af_heart"}})
    return random.choice(
        [
            [whole],
            [*stream, whole, encode_event("synthesize-stop")],
            [encode_event("describe")],
            [encode_event("ping", {})],
        ]
    )


def _garbage(random: Random) -> Conversation:
    return Conversation(
        "binary garbage", (random.randbytes(random.randint(1, 5000)),), random.choice(["", HALF_CLOSED])
    )


def _garbage_lines(random: Random) -> Conversation:
    lines = b"\n".join(random.randbytes(random.randint(0, 60)) for _ in range(random.randint(1, 40)))
    return Conversation("binary garbage", (lines + b"\n",))


def _http(random: Random) -> Conversation:
    method = random.choice(["GET", "POST", "HEAD", "OPTIONS", "CONNECT"])
    path = random.choice(
        ["/", "/.env", "/metrics", "/admin/../../etc/passwd", "*", "/" + "a" * random.randint(1, 9000)]
    )
    headers = "".join(f"X-{number}: {'v' * random.randint(0, 300)}\r\n" for number in range(random.randint(0, 20)))
    return Conversation("HTTP", (f"{method} {path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n".encode(),))


def _tls(random: Random) -> Conversation:
    hello = b"\x16\x03\x01" + struct.pack(">H", 512) + b"\x01" + random.randbytes(511)
    return Conversation("TLS", (hello,))


def _cut(random: Random) -> Conversation:
    sent = b"".join(_correct_events(random))
    return Conversation("cut short", (sent[: random.randrange(len(sent))],), random.choice(["", HALF_CLOSED, RESET]))


def _mutated(random: Random) -> Conversation:
    """Change random bytes, but not in the text: another text would be a correct request for new speech."""
    sent = b"".join(_correct_events(random))
    texts = {position for text in TEXT.finditer(sent) for position in range(*text.span(1))}
    octets = [sent[position : position + 1] for position in range(len(sent))]
    positions = [position for position in range(len(sent)) if position not in texts]
    for position in random.choices(positions, k=random.randint(1, 6)):
        octets[position] = random.randbytes(random.choice([0, 1, 1, 2, 3]))
    return Conversation("mutated", (b"".join(octets),), random.choice(["", HALF_CLOSED]))


def _odd_header(random: Random) -> Conversation:
    header: dict[str, Any] = {"type": random.choice(TYPES), "data": {}, "version": "1.10.2"}
    keys = ["type", "data", "data_length", "payload_length", "version", "x" * 300]
    for key in random.sample(keys, random.randint(1, 3)):
        header[key] = random.choice(ODD)
    if random.random() < 0.2:
        del header["type"]
    return Conversation(
        "wrong types in the header", (json.dumps(header).encode() + b"\n",), random.choice(["", HALF_CLOSED])
    )


def _odd_data(random: Random) -> Conversation:
    kind = random.choice(TYPES)
    data: Any = {key: random.choice(ODD) for key in random.sample(["text", "voice", "name", "text_format", "x"], 3)}
    if random.random() < 0.3:
        data = random.choice(ODD)
    if random.random() < 0.5:
        data = {"voice": {"name": random.choice(ODD), "language": random.choice(ODD), "speaker": random.choice(ODD)}}
    return Conversation("wrong types in the data", (encode_event(kind, data), encode_event("synthesize-stop")))


def _odd_text(random: Random) -> Conversation:
    markup = ["<speak><s><prosody rate='0'></p>", "[voice:x][/rate][pause:1ms][volume:-6dB]"]
    text = random.choice(["", " ", "\x00", "\ud800", "🤖" * 50, *markup, "\u202e\u0300" * 30, "x" * 200_000])
    return Conversation("odd text", (encode_event("synthesize", {"text": text}),))


def _huge(random: Random) -> Conversation:
    length = random.choice([65_537, 1_048_577, 10**9, 2**63, 10**40])
    key = random.choice(["data_length", "payload_length"])
    header = json.dumps({"type": random.choice(TYPES), key: length}).encode() + b"\n"
    return Conversation("huge length", (header, random.randbytes(random.randint(0, 70_000))))


def _missing_data(random: Random) -> Conversation:
    header = json.dumps({"type": "synthesize", "data_length": random.randint(50, 5000)}).encode() + b"\n"
    return Conversation("less data than announced", (header, b'{"text": "x"'), random.choice(["", HALF_CLOSED, RESET]))


def _not_utf8(random: Random) -> Conversation:
    bad = random.choice([b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80"])
    if random.random() < 0.5:
        return Conversation("not UTF-8", (b'{"type": "synthesize' + bad + b'"}\n',))
    block = b'{"text": "' + bad + b'"}'
    return Conversation("not UTF-8", (b'{"type": "synthesize", "data_length": %d}\n' % len(block) + block,))


def _not_json(random: Random) -> Conversation:
    depth = random.randint(1, 20_000)
    bad = [b"[" * depth, b'{"a":' * depth, b'{"type": "describe"', b"NaN", b'"', b"{} {}", b"'describe'", b"\\u0000"]
    return Conversation("not JSON", (random.choice(bad) + b"\n",))


def _out_of_order(random: Random) -> Conversation:
    data = {"text": random.choice(SPOKEN_TEXTS), "name": "kokoro"}
    kinds = random.choices(TYPES, k=random.randint(1, 12))
    return Conversation(
        "out of order", tuple(encode_event(kind, data) for kind in kinds), random.choice(["", HALF_CLOSED, RESET])
    )


def _endless_header(random: Random) -> Conversation:
    return Conversation("endless header", tuple(b'{"type": "' + b"a" * 30_000 for _ in range(random.randint(2, 6))))


def _single_bytes(random: Random) -> Conversation:
    sent = b"".join(_correct_events(random))[: random.randint(2, 20)]
    steps = tuple(step for byte in sent for step in (bytes([byte]), 0.01))
    return Conversation("single bytes", steps, random.choice(["", HALF_CLOSED, RESET]))


def _reset_during_answer(random: Random) -> Conversation:
    pause = random.choice([0.0, 0.02, 0.1])
    return Conversation("reset during the answer", (b"".join(_correct_events(random)), pause), RESET)


def _requests_without_reading(random: Random) -> Conversation:
    return Conversation("requests without reading", (b"".join(_correct_events(random)) * random.randint(5, 40),), RESET)


def _unexpected_audio(random: Random) -> Conversation:
    sent = b"".join(
        encode_event("audio-chunk", {"rate": 1, "width": 1, "channels": 1}, random.randbytes(9000)) for _ in range(8)
    )
    return Conversation("unexpected audio", (sent,), random.choice(["", HALF_CLOSED]))


KINDS: Sequence[Callable[[Random], Conversation]] = (
    *(_garbage, _garbage_lines, _http, _tls, _cut, _mutated, _odd_header, _odd_data, _odd_text, _huge, _missing_data),
    *(_not_utf8, _not_json, _out_of_order, _endless_header, _single_bytes, _reset_during_answer),
    *(_requests_without_reading, _unexpected_audio),
)
