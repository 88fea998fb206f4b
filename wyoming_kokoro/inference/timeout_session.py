"""Gives up on a session that hangs, as accelerators sometimes do."""

from __future__ import annotations

import queue
import threading
from collections.abc import Mapping
from concurrent.futures import Future, wait

from wyoming_kokoro.api.providers import Session, shrink
from wyoming_kokoro.types import Array

TIMEOUT_SECONDS = 3.0
"""A hundred times what a window should take: such a run has hung."""
WAIT_STEPS = 6
"""The timeout passes in this many steps, so that a process that was suspended does not use it up in one."""


class TimeoutSession:
    """Runs a session on its own thread. After a timeout it fails at once and does not use the session again."""

    def __init__(self, session: Session, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._session = session
        self._timeout_seconds = timeout_seconds
        self._requests: queue.SimpleQueue[tuple[Mapping[str, Array], Future[dict[str, Array]]] | None] = (
            queue.SimpleQueue()
        )
        self._has_timed_out = False
        self._close_error: Exception | None = None
        self._thread = threading.Thread(target=self._serve, name="timeout-session", daemon=True)
        self._thread.start()

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """Return the outputs by name. Raises `TimeoutError` after the timeout, and in every later run."""
        if self._has_timed_out:
            raise TimeoutError("the session did not answer an earlier run")
        answer: Future[dict[str, Array]] = Future()
        self._requests.put((feeds, answer))
        if not any(wait([answer], self._timeout_seconds / WAIT_STEPS).done for _ in range(WAIT_STEPS)):
            self._has_timed_out = True
            raise TimeoutError(f"no answer within {self._timeout_seconds:g} s")
        return answer.result()

    def shrink(self) -> None:
        """Make the next run free its spare memory."""
        shrink(self._session)

    def close(self) -> None:
        """Close the session. One that hangs is closed when its run returns. Raises the error of the session."""
        self._requests.put(None)
        if not self._has_timed_out:
            self._thread.join(self._timeout_seconds)
        if self._close_error:
            raise self._close_error

    def _serve(self) -> None:
        while (request := self._requests.get()) is not None:
            feeds, answer = request
            try:
                answer.set_result(self._session.run(feeds))
            except Exception as error:  # noqa: BLE001 `run` raises it
                answer.set_exception(error)
            del request, feeds, answer
        try:
            self._session.close()
        except Exception as error:  # noqa: BLE001 `close` raises it
            self._close_error = error
