"""A service that has something to do for as long as the server runs."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self


class BackgroundService(ABC):
    """A service that works for as long as it is entered. Entering it waits for nothing."""

    _task: asyncio.Task[None]

    @abstractmethod
    async def run(self) -> None:
        """Work until all is done, or for ever: it is cancelled when the service is left.

        What it raises is raised there.
        """

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self.run(), name=type(self).__name__)
        return self

    async def __aexit__(self, *reason: object) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})
        if not self._task.cancelled():
            self._task.result()
