"""Waiting for a condition that has no event, and for the end of a process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import psutil

from wyoming_kokoro._compat import timeout

# A machine that is busy may let a test wait for seconds.
TIMEOUT_SECONDS = 60
POLL_SECONDS = 0.002


async def wait_until(condition: Callable[[], object]) -> None:
    """Wait until `condition` returns something true."""
    async with timeout(TIMEOUT_SECONDS):
        while not condition():  # noqa: ASYNC110 the condition has no event
            await asyncio.sleep(POLL_SECONDS)


def block_until(condition: Callable[[], object]) -> None:
    """Do the same where no event loop runs."""
    end = time.monotonic() + TIMEOUT_SECONDS
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(POLL_SECONDS)


def has_ended(pid: int) -> bool:
    """Return whether the process is gone, or a zombie that its new parent has not waited for yet."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
