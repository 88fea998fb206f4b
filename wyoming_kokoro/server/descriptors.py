"""The limit of open files, which every connection counts towards."""

from __future__ import annotations

import asyncio
import logging
import resource
from contextlib import suppress
from typing import Any

from wyoming_kokoro.clients.rare_log import RareLog

# The model, the caches, and the connections of the HTTP servers: 128 and 64.
RESERVED_DESCRIPTORS = 448

log = logging.getLogger(__name__)


def allowed_connections(wanted: int) -> int:
    """Return how many of the `wanted` connections the limit of open files allows, after raising it if needed."""
    # As many connections may be closing as are open.
    needed = 2 * wanted + RESERVED_DESCRIPTORS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY:
        needed = min(needed, hard)
    if soft not in (resource.RLIM_INFINITY, needed) and soft < needed:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
            soft = needed
    allowed = wanted if soft == resource.RLIM_INFINITY else min(wanted, (soft - RESERVED_DESCRIPTORS) // 2)
    if allowed < wanted:
        text = "%d files may be open, which is enough for %d connections; raise the limit (ulimit -n, LimitNOFILE=)"
        log.warning(text, soft, max(1, allowed))
    return max(1, allowed)


def log_accept_errors(loop: asyncio.AbstractEventLoop) -> None:
    """Log once a minute that a connection cannot be accepted. asyncio would log each attempt with a traceback."""
    rare_log = RareLog(log)

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if context["message"].startswith("socket.accept()"):
            text = "No connection can be accepted (%s); raise the limit of open files (ulimit -n, LimitNOFILE=)"
            rare_log.warning("accept", text, context["exception"])
        else:
            loop.default_exception_handler(context)

    loop.set_exception_handler(handle)
