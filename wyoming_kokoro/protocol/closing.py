"""Closes connections so that the client receives the reason."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from wyoming.error import Error
from wyoming.event import Event, async_write_event

from wyoming_kokoro._compat import timeout
from wyoming_kokoro.errors import ProtocolError, ShuttingDown, SpeechError, code_of
from wyoming_kokoro.protocol.events import MAX_HEADER_BYTES

log = logging.getLogger(__name__)

# A client that does not read the last events in this time loses them.
DRAIN_TIMEOUT_SECONDS = 1.0


def error_event(failure: Exception, client: str) -> Event:
    """Log `failure` and return the `error` event for the client."""
    match failure:
        case ShuttingDown():
            log.info("Rejected a request from %s: shutting down", client)
        case SpeechError():
            log.warning("Request from %s failed: %s", client, failure)
        case ProtocolError():
            log.warning("Closed the connection of %s: %s", client, failure)
        case _:
            log.error("Request from %s failed", client, exc_info=failure)
            return Error("internal error; see the log of the server", code_of(failure)).event()
    return Error(str(failure), failure.code).event()


async def reject(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, reason: Event) -> None:
    """Send the `error` event `reason` to a client that may not connect. The caller closes `writer`."""
    with suppress(OSError, asyncio.TimeoutError):
        await async_write_event(reason, writer)
        async with timeout(DRAIN_TIMEOUT_SECONDS):
            await drain(reader, writer)


async def drain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Wait until the client closes its side."""
    # The kernel resets a socket that is closed with unread input. A reset discards what was just written.
    with suppress(OSError, ProtocolError):
        if writer.can_write_eof():
            writer.write_eof()
        while await reader.read(MAX_HEADER_BYTES):
            pass
