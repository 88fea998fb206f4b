"""An alarm for work that does not come back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

STEPS = 20


class UnitTimeout:
    """Rings once, after so many seconds in which the event loop ran.

    A process that was suspended finds that its clock went on without it; its threads have not had that time.
    """

    def __init__(self, seconds: float, ring: Callable[[], None]) -> None:
        self._step = seconds / STEPS
        self._left = STEPS
        self._ring = ring
        self._arm()

    def cancel(self) -> None:
        """Never ring."""
        self._handle.cancel()

    def _arm(self) -> None:
        self._handle = asyncio.get_running_loop().call_later(self._step, self._pass)

    def _pass(self) -> None:
        self._left -= 1
        if self._left:
            self._arm()
        else:
            self._ring()
