"""`ping`: ask a running server for its description, as Home Assistant does. Opens no model and no plugin."""

from __future__ import annotations

import argparse
import io
import json
import os
import socket
import time
from dataclasses import asdict, dataclass
from typing import Any

import msgspec

from wyoming_kokoro.cli.parsers import Commands
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import KokoroError, ProtocolError, StartupError
from wyoming_kokoro.protocol.event_format import (
    MAX_DATA_BYTES,
    MAX_HEADER_BYTES,
    PROGRAM,
    ReceivedEvent,
    data_as,
    parse_header,
)
from wyoming_kokoro.server.endpoints import StdioEndpoint, TcpEndpoint, UnixEndpoint, parse_endpoint
from wyoming_kokoro.terminal import escape

# Home Assistant waits as long for the description (homeassistant/components/wyoming/data.py).
TIMEOUT_SECONDS = 5.0
DESCRIBE = b'{"type": "describe"}\n'
UNSPECIFIED_HOSTS = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 it connects, it does not bind


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """The description of a running server."""

    uri: str
    version: str
    voices: int
    milliseconds: float
    """From the start of the connection to the end of the answer."""


class _Program(msgspec.Struct, frozen=True):
    name: str
    version: str | None = None
    voices: list[Any] = []


class _Info(msgspec.Struct, frozen=True):
    tts: list[_Program] = []


class _Error(msgspec.Struct, frozen=True):
    text: str


def add_parser(commands: Commands) -> None:
    """Add the command."""
    description = f"ask a running server for its voices; exit code 1 without an answer within {TIMEOUT_SECONDS:.0f} s"
    commands.add("ping", description, run, has_json=True)


def run(config: Config, options: argparse.Namespace) -> int:
    """Print the server's description. Raises `KokoroError`; as JSON that is the `problem`."""
    uri = config.server.uri
    try:
        info = describe(uri)
    except KokoroError as error:
        if not options.json:
            raise
        print(json.dumps({"uri": uri, "problem": str(error)}, indent=2))
        return 1
    if options.json:
        print(json.dumps({**asdict(info), "problem": ""}, indent=2))
    else:
        version = escape(info.version)
        print(f"wyoming-kokoro {version}: {info.voices} voices, answered in {info.milliseconds:.0f} ms")
    return 0


def describe(uri: str, seconds: float = TIMEOUT_SECONDS) -> ServerInfo:
    """Return the description of the wyoming-kokoro at `uri`. Blocks.

    Raises `ConfigError` for an invalid URI, and `StartupError` when there is no answer within `seconds`.
    """
    endpoint = parse_endpoint(uri)
    if isinstance(endpoint, StdioEndpoint):
        raise StartupError("a server on stdio:// has only one client; name another address with --uri")
    started = time.monotonic()
    try:
        info = data_as(_Info, _request_info(endpoint, started + seconds))
    except TimeoutError:  # an OSError, so it comes first
        problem = f"no answer from {uri} within {seconds:g} s; read the server's log, and restart it"
        raise StartupError(problem) from None
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        problem = f"nothing answers at {uri} ({reason}); start wyoming-kokoro, or name its address with --uri"
        raise StartupError(problem) from None
    except ProtocolError as error:
        problem = f"{uri} does not answer as wyoming-kokoro does ({error}); name its address with --uri"
        raise StartupError(problem) from None
    for program in info.tts:
        if program.name == PROGRAM:
            milliseconds = round(1000 * (time.monotonic() - started), 1)
            return ServerInfo(uri, program.version or "of unknown version", len(program.voices), milliseconds)
    raise StartupError(f"another Wyoming server answers at {uri}; name the address of wyoming-kokoro with --uri")


class _Answer(io.RawIOBase):
    """What a server sends. Raises `TimeoutError` at the deadline."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection = connection
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        # 0 would not wait at all.
        self._connection.settimeout(max(0.001, self._deadline - time.monotonic()))
        return self._connection.recv_into(buffer)


def _request_info(endpoint: TcpEndpoint | UnixEndpoint, deadline: float) -> ReceivedEvent:
    """Return the `info` event. Raises `OSError`, `ProtocolError`, and `StartupError` for an `error` event."""
    with _connect(endpoint, deadline - time.monotonic()) as connection:
        connection.sendall(DESCRIBE)
        answer = io.BufferedReader(_Answer(connection, deadline))
        while line := answer.readline(MAX_HEADER_BYTES):
            event = _read_rest(line, answer)
            if event.type == "error":
                raise StartupError(f"the server refuses to answer: {data_as(_Error, event).text}")
            if event.type == "info":
                return event
    raise ProtocolError("it closed the connection")


def _read_rest(line: bytes, answer: io.BufferedIOBase) -> ReceivedEvent:
    header = parse_header(line)
    length = header.data_length or 0
    if length > MAX_DATA_BYTES:
        raise ProtocolError(f"event data too long: {length} bytes")
    block = answer.read(length)
    if len(block) < length:
        raise ProtocolError("it closed the connection")
    answer.read(header.payload_length or 0)
    return header.with_data(block)


def _connect(endpoint: TcpEndpoint | UnixEndpoint, seconds: float) -> socket.socket:
    if isinstance(endpoint, TcpEndpoint):
        host = UNSPECIFIED_HOSTS.get(endpoint.host, endpoint.host)
        return socket.create_connection((host, endpoint.port), seconds)
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(seconds)
        connection.connect(str(endpoint.path))
    except OSError:
        connection.close()
        raise
    return connection
