"""The stdin and stdout of this process as a connection."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from wyoming_kokoro.errors import StartupError


@asynccontextmanager
async def connect_stdin(reader: asyncio.StreamReader) -> AsyncIterator[None]:
    """Feed `reader` from stdin. Raises `StartupError` when stdin is not a pipe."""
    stdin = os.fdopen(os.dup(sys.stdin.fileno()), "rb", 0)
    try:
        # asyncio accepts every character device, but cannot wait for input from others than terminals.
        if stat.S_ISCHR(os.fstat(stdin.fileno()).st_mode) and not stdin.isatty():
            raise ValueError
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), stdin
        )
    except (OSError, ValueError):
        stdin.close()
        raise StartupError("stdin is not a pipe, which stdio:// needs; use `cat FILE | wyoming-kokoro`") from None
    try:
        yield
    finally:
        transport.close()


async def connect_stdout(descriptor: int) -> asyncio.StreamWriter:
    """Return a writer to a copy of `descriptor`. Raises `StartupError` when it is not a pipe."""
    loop = asyncio.get_running_loop()
    stdout = os.fdopen(os.dup(descriptor), "wb", 0)
    try:
        transport, protocol = await loop.connect_write_pipe(
            lambda: asyncio.StreamReaderProtocol(asyncio.StreamReader()), stdout
        )
    except (OSError, ValueError):
        stdout.close()
        raise StartupError("stdout is not a pipe, which stdio:// needs; use `wyoming-kokoro | cat`") from None
    return asyncio.StreamWriter(transport, protocol, None, loop)


@contextmanager
def redirect_stdout() -> Iterator[int]:
    """Yield a descriptor of stdout for events, and send everything that code prints meanwhile to stderr."""
    sys.stdout.flush()
    events_descriptor = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        yield events_descriptor
    finally:
        sys.stdout.flush()
        os.dup2(events_descriptor, sys.stdout.fileno())
        os.close(events_descriptor)
