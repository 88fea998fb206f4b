"""`ping`: ask a running server what it is, as Home Assistant does. It opens no model and loads no plugin."""

from __future__ import annotations

import asyncio
import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

import msgspec
from wyoming.event import Event, async_write_event

from wyoming_kokoro._compat import timeout
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import KokoroError, ProtocolError, StartupError
from wyoming_kokoro.protocol.events import MAX_HEADER_BYTES, data_as, read_event
from wyoming_kokoro.protocol.info import PROGRAM
from wyoming_kokoro.server.endpoints import StdioEndpoint, TcpEndpoint, UnixEndpoint, parse

TIMEOUT_SECONDS = 5.0
"""As long as Home Assistant waits."""
UNSPECIFIED_HOSTS = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 where they lead on this machine


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """What a server said of itself."""

    uri: str
    version: str
    voices: int
    milliseconds: float
    """From the beginning of the connection to the end of the answer."""


class _Program(msgspec.Struct, frozen=True):
    name: str
    version: str | None = None
    voices: list[Any] = []


class _Info(msgspec.Struct, frozen=True):
    tts: list[_Program] = []


class _Refusal(msgspec.Struct, frozen=True):
    text: str


def ping(config: Config, as_json: bool) -> tuple[str, int]:
    """Return what the server of `config` answers, as text or JSON, and the exit code.

    Raises `KokoroError`, with what to do, when it does not answer; as JSON that is the `problem`.
    """
    uri = config.server.uri
    try:
        answer = asyncio.run(described(uri))
    except KokoroError as error:
        if not as_json:
            raise
        return json.dumps({"uri": uri, "problem": str(error)}, indent=2), 1
    if as_json:
        return json.dumps({**asdict(answer), "problem": ""}, indent=2), 0
    return f"wyoming-kokoro {answer.version}: {answer.voices} voices, after {answer.milliseconds:.0f} ms", 0


async def described(uri: str, seconds: float = TIMEOUT_SECONDS) -> ServerInfo:
    """Return what the wyoming-kokoro at `uri` says of itself within `seconds`.

    Raises `ConfigError` for a wrong URI and `StartupError`, with what to do, when it does not say it.
    """
    endpoint = parse(uri)
    if isinstance(endpoint, StdioEndpoint):
        raise StartupError("a server on stdio:// has one client only; name another with --uri")
    began = time.monotonic()
    try:
        async with timeout(seconds):
            info = data_as(_Info, await _asked(endpoint))
    except asyncio.TimeoutError:
        problem = f"no answer from {uri} within {seconds:g} s; look into the server's log, and restart it"
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
            passed = round(1000 * (time.monotonic() - began), 1)
            return ServerInfo(uri, program.version or "of unknown version", len(program.voices), passed)
    raise StartupError(f"another Wyoming server answers at {uri}; name the address of wyoming-kokoro with --uri")


async def _asked(endpoint: TcpEndpoint | UnixEndpoint) -> Event:
    """Return the `info` event. Raises `OSError`, `ProtocolError` and what a server refuses with: `StartupError`."""
    reader, writer = await _connected(endpoint)
    try:
        await async_write_event(Event("describe"), writer)
        while event := await read_event(reader):
            if event.type == "error":
                raise StartupError(f"the server refuses to answer: {data_as(_Refusal, event).text}")
            if event.type == "info":
                return event
        raise ProtocolError("it hung up")
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def _connected(endpoint: TcpEndpoint | UnixEndpoint) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if isinstance(endpoint, UnixEndpoint):
        return await asyncio.open_unix_connection(endpoint.path, limit=MAX_HEADER_BYTES)
    host = UNSPECIFIED_HOSTS.get(endpoint.host, endpoint.host)
    return await asyncio.open_connection(host, endpoint.port, limit=MAX_HEADER_BYTES)
