"""A service that does something again and again beside the server."""

from __future__ import annotations

import asyncio
import logging
from abc import abstractmethod

from wyoming_kokoro import BackgroundService

RECOVERY_SECONDS = 60.0
"""After a turn that failed."""


class Rounds(BackgroundService):
    """Takes turns in the background for as long as it is entered. Entering waits for nothing.

    A turn that fails is logged, the same failure once, and is not the last.
    """

    def __init__(self, name: str, log: logging.Logger, recovery_seconds: float = RECOVERY_SECONDS) -> None:
        self._name = name
        self._log = log
        self._recovery_seconds = recovery_seconds
        self._failures: set[str] = set()

    @abstractmethod
    async def turn(self) -> float:
        """Do it once; return how many seconds to wait before the next turn. May be cancelled anywhere."""

    @abstractmethod
    async def close(self) -> None:
        """Do what must be done at the end."""

    async def __aexit__(self, *reason: object) -> None:
        await super().__aexit__(*reason)
        await self.close()

    async def run(self) -> None:
        """Take one turn after the other."""
        while True:
            seconds = await self._safely()
            await asyncio.sleep(seconds)

    async def _safely(self) -> float:
        try:
            return await self.turn()
        except Exception as error:  # noqa: BLE001 whatever it is, it is logged, and the server is better off with us
            level = logging.DEBUG if repr(error) in self._failures else logging.ERROR
            self._log.log(level, "The %s has failed; it goes on in a while", self._name, exc_info=True)
            self._failures.add(repr(error))
            return self._recovery_seconds
