"""Limits how much a client may use in a time: connections, and time of the event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Generator
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Bucket:
    """Allows `rate` a second on average, and `burst` at once."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._full_at = clock()

    @property
    def level(self) -> float:
        """What may be used now. Negative after an overdraft."""
        return self._burst - self._rate * max(0.0, self._full_at - self._clock())

    @property
    def is_full(self) -> bool:
        """Whether nothing was used for a while."""
        return self._clock() >= self._full_at

    @property
    def delay(self) -> float:
        """Seconds until the level is not negative."""
        return max(0.0, self._full_at - self._burst / self._rate - self._clock())

    def take(self, amount: float) -> None:
        """Use `amount`, even if there is less."""
        self._full_at = max(self._full_at, self._clock()) + amount / self._rate


class LoopTime(Bucket):
    """The CPU time of the event loop that the coroutines of one client may use, in seconds."""

    def __init__(self, share: float, burst: float) -> None:
        super().__init__(share, burst)
        self._turn = asyncio.Lock()

    async def wait(self) -> None:
        """Wait until there is time again. Coroutines of the client continue one after the other."""
        async with self._turn:
            while (delay := self.delay) > 0:  # noqa: ASYNC110 others use the time too
                await asyncio.sleep(delay)

    async def limit(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Await `coroutine`, and charge the CPU time of each of its steps. An overdraft delays the next step."""
        return await _LimitedSteps(coroutine, self)


class _LimitedSteps(Generic[T]):
    def __init__(self, coroutine: Coroutine[Any, Any, T], loop_time: LoopTime) -> None:
        self._coroutine = coroutine
        self._loop_time = loop_time

    def __await__(self) -> Generator[Any, Any, T]:
        send, throw, loop_time = self._coroutine.send, self._coroutine.throw, self._loop_time
        error: BaseException | None = None
        while True:
            started = time.thread_time()
            try:
                awaited = throw(error) if error else send(None)
            except StopIteration as end:
                result: T = end.value
                return result
            finally:
                loop_time.take(time.thread_time() - started)
            error = None
            try:
                yield awaited
                if loop_time.delay:
                    yield from loop_time.wait().__await__()
            except BaseException as caught:  # noqa: BLE001 the coroutine handles it, a cancellation too
                error = caught
