"""PROXY protocol headers, valid and malformed."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from random import Random

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def binary_header(family: int, block: bytes, command: int = 0x21) -> bytes:
    """Return a header of version 2."""
    return SIGNATURE + bytes([command, family]) + len(block).to_bytes(2, "big") + block


def ip_block(client: str, server: str = "") -> bytes:
    """Return the addresses and ports of TCP over IPv4 or IPv6."""
    family = socket.AF_INET6 if ":" in client else socket.AF_INET
    both = [socket.inet_pton(family, address) for address in (client, server or client)]
    return b"".join(both) + b"\xc0\x00\x27\xd8"


def extension(kind: int, value: bytes) -> bytes:
    """Return an extension (TLV) of version 2."""
    return bytes([kind]) + len(value).to_bytes(2, "big") + value


EXTENSIONS = extension(0x02, b"voice.lan") + extension(0x05, b"unique id") + extension(0x04, b"")
VALID: Sequence[tuple[bytes, str | None]] = [
    (b"PROXY TCP4 192.0.2.1 192.0.2.9 49152 10200\r\n", "192.0.2.1"),
    (b"PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255"),
    (b"PROXY TCP6 2001:db8::1 2001:DB8:0:0:0:0:0:9 0 10200\r\n", "2001:db8::1"),
    (b"PROXY TCP6 ::ffff:192.0.2.1 ::ffff:192.0.2.9 49152 10200\r\n", "192.0.2.1"),
    (b"PROXY UNKNOWN\r\n", None),
    (b"PROXY UNKNOWN ffff:f...f:ffff anything 65535\r\n", None),
    (binary_header(0x11, ip_block("192.0.2.1")), "192.0.2.1"),
    (binary_header(0x11, ip_block("192.0.2.1") + EXTENSIONS), "192.0.2.1"),
    (binary_header(0x11, ip_block("192.0.2.1") + extension(0xEE, bytes(60_000))), "192.0.2.1"),
    (binary_header(0x21, ip_block("2001:db8::1")), "2001:db8::1"),
    (binary_header(0x21, ip_block("2001:db8::1") + EXTENSIONS), "2001:db8::1"),
    (binary_header(0x21, ip_block("::ffff:192.0.2.1")), "192.0.2.1"),
    (binary_header(0x31, bytes(216)), None),
    (binary_header(0x31, bytes(216) + EXTENSIONS), None),
    (binary_header(0x00, b""), None),
    (binary_header(0x00, b"whatever"), None),
    (binary_header(0x00, b"", command=0x20), None),
    (binary_header(0x11, ip_block("192.0.2.1"), command=0x20), None),
    (binary_header(0x77, b"x", command=0x20), None),
]
"""Headers with the client's address that each names."""

MALFORMED: Sequence[bytes] = [
    b"P",
    b'{"type": "describe"}\n',
    b"GET / HTTP/1.1\r\nHost: voice.lan\r\n\r\n",
    b"PROXY \r\n       ",
    b"PROXY TCP4\r\n  ",
    b"proxy TCP4 192.0.2.1 192.0.2.9 49152 10200\r\n",
    b"PROXY TCP4 192.0.2.1 192.0.2.9 49152 10200\n",
    b"PROXY TCP4  192.0.2.1 192.0.2.9 49152 10200\r\n",
    b"PROXY TCP4 192.0.2.1 192.0.2.9 49152 10200 \r\n",
    b"PROXY TCP4 192.0.2.1 192.0.2.9 49152\r\n",
    b"PROXY TCP4 192.0.2.1 192.0.2.9 49152 65536\r\n",
    b"PROXY TCP4 192.0.2.1 192.0.2.9 -1 10200\r\n",
    b"PROXY TCP4 192.0.2.1 192.0.2.9 49152 1e4\r\n",
    b"PROXY TCP4 192.0.2.256 192.0.2.9 49152 10200\r\n",
    b"PROXY TCP4 192.0.2.01 192.0.2.9 49152 10200\r\n",
    b"PROXY TCP4 192.0.2 192.0.2.9 49152 10200\r\n",
    b"PROXY TCP4 192.0.2.1 voice.lan 49152 10200\r\n",
    b"PROXY TCP4 2001:db8::1 2001:db8::9 49152 10200\r\n",
    b"PROXY TCP6 192.0.2.1 192.0.2.9 49152 10200\r\n",
    b"PROXY TCP6 fe80::1%eth0 fe80::9 49152 10200\r\n",
    b"PROXY TCP6 2001:db8:::1 2001:db8::9 49152 10200\r\n",
    b"PROXY UDP4 192.0.2.1 192.0.2.9 49152 10200\r\n",
    b"PROXY UNKNOWNX\r\n",
    b"PROXY UNKNOWN " + b"x" * 200 + b"\r\n",
    b"PROXY TCP4 " + b"1" * 100_000,
    SIGNATURE,
    SIGNATURE[:-1] + b"X" + bytes(16),
    binary_header(0x11, ip_block("192.0.2.1"), command=0x11),
    binary_header(0x11, ip_block("192.0.2.1"), command=0x22),
    binary_header(0x12, ip_block("192.0.2.1")),
    binary_header(0x10, ip_block("192.0.2.1")),
    binary_header(0x41, ip_block("192.0.2.1")),
    binary_header(0x11, b""),
    binary_header(0x11, ip_block("192.0.2.1")[:-1]),
    binary_header(0x11, ip_block("192.0.2.1") + b"\x04"),
    binary_header(0x11, ip_block("192.0.2.1") + b"\x04\x00"),
    binary_header(0x11, ip_block("192.0.2.1") + b"\x04\x00\x09x"),
    binary_header(0x21, ip_block("192.0.2.1")),
    binary_header(0x31, bytes(215)),
    binary_header(0x11, ip_block("192.0.2.1"))[:-1],
    binary_header(0x11, bytes(65_535))[:-1],
]


def malformed_header(random: Random) -> bytes:
    """Return random bytes, a part of a valid header, or one of `MALFORMED` with random bytes after it."""
    match random.randrange(4):
        case 0:
            # No valid header starts with a byte that is neither P nor CR.
            return bytes([random.choice(b"\0 \nQR{\xff")]) + random.randbytes(random.randrange(200))
        case 1:
            header, _ = random.choice(VALID)
            return header[: random.randrange(1, len(header))]
        case 2:
            # A line without an end, a block that is shorter than its length, and an unknown command.
            header = random.choice([b"PROXY ", SIGNATURE + b"\x21\x11\xff\xff", SIGNATURE + b"\x22"])
            return header + random.randbytes(random.randrange(150)).replace(b"\n", b"")
        case _:
            return random.choice(MALFORMED)
