"""Waiting for a condition that has no event, and for the end of a process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import psutil

# A machine that is busy may let a test wait for seconds.
TIMEOUT_SECONDS = 60


async def wait_until(condition: Callable[[], object]) -> None:
    """Wait until `condition` returns something true."""

    async def poll() -> None:
        while not condition():  # noqa: ASYNC110 the condition has no event
            await asyncio.sleep(0.002)

    await asyncio.wait_for(poll(), TIMEOUT_SECONDS)


def has_ended(pid: int) -> bool:
    """Return whether the process is gone, or a zombie that its new parent has not waited for yet."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
