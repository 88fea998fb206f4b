"""How a conversation ends: with a reason that reaches the client."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from wyoming.error import Error
from wyoming.event import Event, async_write_event

from wyoming_kokoro._compat import timeout
from wyoming_kokoro.errors import ProtocolError, ShuttingDown, SpeechError
from wyoming_kokoro.protocol.events import MAX_HEADER_BYTES

log = logging.getLogger(__name__)

DRAIN_TIMEOUT_SECONDS = 1.0
"""How long a client may take to fetch the last words before its connection is closed."""


def error_event(failure: Exception, client: str) -> Event:
    """Log `failure` and return what the client is told of it."""
    match failure:
        case ShuttingDown():
            log.info("Told %s to ask again: the server is stopping", client)
            return Error(str(failure), failure.code).event()
        case SpeechError():
            log.warning("Could not speak for %s: %s", client, failure)
            return Error(str(failure), failure.code).event()
        case ProtocolError():
            log.warning("Hung up on %s: %s", client, failure)
            return Error(str(failure), failure.code).event()
    log.error("A request of %s failed", client, exc_info=failure)
    return Error("an internal error; the server's log tells more", "internal-error").event()


async def reject(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, reason: Event) -> None:
    """Tell a client why there is no conversation. The caller closes `writer`."""
    with suppress(OSError, asyncio.TimeoutError):
        await async_write_event(reason, writer)
        async with timeout(DRAIN_TIMEOUT_SECONDS):
            await drain(reader, writer)


async def drain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Wait for the client to hang up: closing on unread input would destroy what was just written."""
    with suppress(OSError, ProtocolError):
        if writer.can_write_eof():
            writer.write_eof()
        while await reader.read(MAX_HEADER_BYTES):
            pass
