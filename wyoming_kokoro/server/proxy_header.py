"""Reads the PROXY protocol header, in which a load balancer names the address of its client.

Version 1 is a line of text, version 2 is binary: https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt
"""

from __future__ import annotations

import asyncio
import re
from ipaddress import IPv4Address, IPv6Address

from wyoming_kokoro._compat import timeout
from wyoming_kokoro.errors import ProtocolError

# The specification asks receivers to wait for more than 3 s, after which a lost packet is sent again.
HEADER_TIMEOUT_SECONDS = 5.0
# Version 2 starts with it. A line of version 1 is longer, too.
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
# The maximum of the specification for a line of version 1, with its end.
MAX_LINE_BYTES = 107
LINE = re.compile(
    rb"PROXY (?:UNKNOWN(?: [^\r\n]*)?|(TCP4|TCP6) ([0-9A-Fa-f:.]+) ([0-9A-Fa-f:.]+) ([0-9]{1,5}) ([0-9]{1,5}))\r\n"
)
MAX_PORT = 65535
# Version and command of version 2: a connection of the balancer itself, such as a health check, or of its client.
LOCAL, PROXY = 0x20, 0x21
UNSPECIFIED, TCP4, TCP6, UNIX_STREAM = 0x00, 0x11, 0x21, 0x31
# The size of both addresses with their ports. Extensions may follow, each with a type, a length and a value.
ADDRESS_BYTES = {TCP4: 12, TCP6: 36, UNIX_STREAM: 216}
EXTENSION_HEADER_BYTES = 3

IpAddress = IPv4Address | IPv6Address


async def read_client_address(reader: asyncio.StreamReader) -> str | None:
    """Read one header, and return the address of the client, or None if the header names no IP address.

    Raises `ProtocolError` for anything else than a complete header within `HEADER_TIMEOUT_SECONDS`. Raises `OSError`
    if the connection is reset, or closed without any data: some balancers only check whether the port is open.
    """
    try:
        async with timeout(HEADER_TIMEOUT_SECONDS):
            address = await _read_header(reader)
    except asyncio.TimeoutError:
        raise ProtocolError(f"PROXY header not complete after {HEADER_TIMEOUT_SECONDS:g} s") from None
    except asyncio.IncompleteReadError:
        raise ProtocolError("the connection ended inside the PROXY header") from None
    except ValueError as error:
        raise ProtocolError(f"no PROXY header: {error}; use send-proxy, or correct server.proxies") from None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(address) if address else None


async def _read_header(reader: asyncio.StreamReader) -> IpAddress | None:
    start = await reader.read(1)
    if not start:
        raise ConnectionAbortedError
    start += await reader.readexactly(len(SIGNATURE) - 1)
    if start != SIGNATURE:
        # Byte by byte: what follows the line belongs to the client.
        while start.startswith(b"PROXY ") and start[-1:] != b"\n" and len(start) < MAX_LINE_BYTES:
            start += await reader.readexactly(1)
        return _parse_line(start)
    version_and_command, family = await reader.readexactly(2)
    length = int.from_bytes(await reader.readexactly(2), "big")
    return _parse_block(version_and_command, family, await reader.readexactly(length))


def _parse_line(line: bytes) -> IpAddress | None:
    """Return the client's address of version 1. Raises `ValueError`."""
    match = LINE.fullmatch(line)
    if not match:
        raise ValueError(f"{line[:40]!r} is not a valid line")
    family, source, destination, *ports = match.groups()
    if family is None:
        return None
    if any(int(port) > MAX_PORT for port in ports):
        raise ValueError(f"{line[:-2]!r} has an invalid port")
    parse = IPv4Address if family == b"TCP4" else IPv6Address
    client, _ = parse(source.decode()), parse(destination.decode())
    return client


def _parse_block(version_and_command: int, family: int, block: bytes) -> IpAddress | None:
    """Return the client's address of version 2. Raises `ValueError`."""
    if version_and_command not in (LOCAL, PROXY):
        raise ValueError(f"unknown version and command {version_and_command:#x}")
    # The specification lets receivers skip everything else in these headers.
    if version_and_command == LOCAL or family == UNSPECIFIED:
        return None
    if family not in ADDRESS_BYTES:
        raise ValueError(f"unknown address family {family:#x}")
    position = ADDRESS_BYTES[family]
    while position < len(block):
        size = int.from_bytes(block[position + 1 : position + EXTENSION_HEADER_BYTES], "big")
        position += EXTENSION_HEADER_BYTES + size
    if position != len(block):
        raise ValueError(f"{len(block)} bytes do not fit the address family {family:#x}")
    if family == TCP4:
        return IPv4Address(block[:4])
    return IPv6Address(block[:16]) if family == TCP6 else None
