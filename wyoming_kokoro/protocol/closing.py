"""Closes connections so that the client receives the reason."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from wyoming.error import Error
from wyoming.event import Event, async_write_event

from wyoming_kokoro._compat import timeout
from wyoming_kokoro.api.observations import ConnectionRejected
from wyoming_kokoro.clients.rare_log import RareLog
from wyoming_kokoro.errors import ProtocolError, ShuttingDown, SpeechError, code_of
from wyoming_kokoro.protocol.event_format import MAX_HEADER_BYTES

log = logging.getLogger(__name__)

# A client that does not read the last events in this time loses them.
DRAIN_TIMEOUT_SECONDS = 1.0


class ClientErrors:
    """Logs and counts what clients do wrong, and what the server refuses them."""

    def __init__(self, observe: Callable[[ConnectionRejected], object]) -> None:
        """`observe` receives each closed connection."""
        self._observe = observe
        self._log = RareLog(log)

    def reject(self, address: str, code: str, reason: str) -> None:
        """Count a connection that is closed for `reason`, and log it."""
        self._observe(ConnectionRejected("wyoming", code))
        self._log.warning((address, code), "Closed the connection of %s: %s", address or "a local client", reason)

    def event(self, failure: Exception, address: str) -> Event:
        """Log `failure` and return the `error` event for the client at `address`."""
        code = code_of(failure)
        match failure:
            case ShuttingDown():
                log.info("Rejected a request from %s: shutting down", address)
            case SpeechError():
                self._log.warning((address, code), "Request from %s failed: %s", address, failure)
            case ProtocolError():
                self.reject(address, code, str(failure))
            case _:
                self._log.warning((address, code), "Request from %s failed", address, exc_info=failure)
                return Error("internal error; see the log of the server", code).event()
        return Error(str(failure), code).event()


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
