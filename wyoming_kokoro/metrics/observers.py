"""Distributes observations."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from wyoming_kokoro.api.observations import Observation


class Observers:
    """Passes each observation to several observers, in order, on the event loop."""

    def __init__(self, *observers: Callable[[Observation], None]) -> None:
        self._observers = observers
        self._loop = asyncio.get_running_loop()

    def emit(self, observation: Observation) -> None:
        """Pass on `observation`. Call it on the event loop."""
        for observe in self._observers:
            observe(observation)

    def emit_threadsafe(self, observation: Observation) -> None:
        """Pass on `observation` later, from any thread. Nothing happens after the event loop is closed."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self.emit, observation)
