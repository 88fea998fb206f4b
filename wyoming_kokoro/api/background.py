"""The base class of services that work in the background while the server runs."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Never, Self


# A service that failed starts again after this time, which doubles with each failure.
MIN_RESTART_SECONDS, MAX_RESTART_SECONDS = 1.0, 300.0

log = logging.getLogger(__name__)


class BackgroundService(ABC):
    """Runs its method `run` as a task from entering to leaving. Entering returns at once."""

    _task: asyncio.Task[None]

    @abstractmethod
    async def run(self) -> None:
        """Do the work of the service, once or forever. Leaving the service cancels it.

        If `run` raises an exception, that is logged, and `run` is called again after a while.
        """

    async def repeat(
        self, step: Callable[[], Awaitable[float]], log: logging.Logger, retry_seconds: float = 60.0
    ) -> Never:
        """Call `step` forever. Each call returns the seconds to wait before the next call.

        A failed call is repeated after `retry_seconds`. The same error is logged as an error only once.
        """
        logged: set[str] = set()
        while True:
            try:
                seconds = await step()
            except Exception as error:
                level = logging.DEBUG if repr(error) in logged else logging.ERROR
                log.log(level, "%s failed; will retry in %g s", type(self).__name__, retry_seconds, exc_info=True)
                logged.add(repr(error))
                seconds = retry_seconds
            await asyncio.sleep(seconds)

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(keep_running(self.run, type(self).__name__), name=type(self).__name__)
        return self

    async def __aexit__(self, *reason: object) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})


async def keep_running(run: Callable[[], Awaitable[None]], name: str) -> None:
    """Await `run()`. When it raises an exception, log that under `name`, and call it again after a growing delay."""
    clock = asyncio.get_running_loop().time
    seconds = MIN_RESTART_SECONDS
    while True:
        started_at = clock()
        try:
            return await run()
        except Exception:
            if clock() - started_at > MAX_RESTART_SECONDS:
                seconds = MIN_RESTART_SECONDS
            log.exception("%s failed; will restart in %g s", name, seconds)
        await asyncio.sleep(seconds)
        seconds = min(2 * seconds, MAX_RESTART_SECONDS)
