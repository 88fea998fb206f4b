"""A session that may hang: accelerators have been seen to."""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Mapping
from concurrent.futures import Future, wait

from wyoming_kokoro.api.providers import Session, shrink
from wyoming_kokoro.types import Array

TIMEOUT_SECONDS = 3.0
"""A window that takes longer, which is a hundred times what it should, will not come."""
POLLS = 6
"""So often is looked for the answer meanwhile: a process that was suspended for longer than that has patience left."""


class TimeoutSession:
    """Runs a session on a thread of its own, and gives it up when it does not answer."""

    _numbers = itertools.count(1)

    def __init__(self, session: Session, patience: float = TIMEOUT_SECONDS) -> None:
        self._session = session
        self._patience = patience
        self._orders: queue.SimpleQueue[tuple[Mapping[str, Array], Future[dict[str, Array]]] | None] = (
            queue.SimpleQueue()
        )
        self._is_lost = False
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._work, name=f"watched-{next(self._numbers)}", daemon=True)
        self._thread.start()

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """Return every output by its name. Raises `TimeoutError` without an answer in time, now and ever after."""
        if self._is_lost:
            raise TimeoutError("it did not answer before")
        answer: Future[dict[str, Array]] = Future()
        self._orders.put((feeds, answer))
        if not any(wait([answer], self._patience / POLLS).done for _ in range(POLLS)):
            self._is_lost = True
            raise TimeoutError(f"no answer within {self._patience:g} s")
        return answer.result()

    def shrink(self) -> None:
        """Have the next run give back what it can do without."""
        shrink(self._session)

    def close(self) -> None:
        """Give back the memory, or leave a session that hangs alone until it comes back.

        Raises what the session raises.
        """
        self._orders.put(None)
        if not self._is_lost:
            self._thread.join(self._patience)
        if self._failure:
            raise self._failure

    def _work(self) -> None:
        while (order := self._orders.get()) is not None:
            feeds, answer = order
            try:
                answer.set_result(self._session.run(feeds))
            except Exception as error:  # noqa: BLE001 the stage deals with it
                answer.set_exception(error)
            del order, feeds, answer
        try:
            self._session.close()
        except Exception as error:  # noqa: BLE001 whoever closes it is told
            self._failure = error
