"""Stops waiting for a session that is late or hangs, as accelerators sometimes do."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future, wait

from wyoming_kokoro.api.providers import Session, shrink
from wyoming_kokoro.types import Array

TIMEOUT_SECONDS = 3.0
"""A hundred times what a window should take: such a run has hung."""
WAIT_STEPS = 6
"""A wait passes in this many steps, so that a process that was suspended does not use it up in one."""


class SessionLate(RuntimeError):
    """A session has not answered yet. It may work and answer later."""


def restart(session: Session) -> None:
    """Replace the process of `session` after a failure. Do nothing if it runs in the server."""
    method = getattr(session, "restart", None)
    if method:
        method()


class TimeoutSession:
    """Runs a session on its own thread.

    The session gets no new run before it has answered the last one, and the answer of a late run is dropped.
    """

    def __init__(self, session: Session, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._session = session
        self._timeout_seconds = timeout_seconds
        self._requests: queue.SimpleQueue[tuple[Mapping[str, Array], Future[dict[str, Array]]] | None] = (
            queue.SimpleQueue()
        )
        self._answer: Future[dict[str, Array]] | None = None
        """The answer of the last run, unless `run` has returned it."""
        self._deadline = 0.0
        self._close_error: Exception | None = None
        self._thread = threading.Thread(target=self._serve, name="timeout-session", daemon=True)
        self._thread.start()

    @property
    def is_late(self) -> bool:
        """Whether the last run has no answer yet, but has not hung either."""
        return self._answer is not None and not self._answer.done() and time.monotonic() < self._deadline

    def run(self, feeds: Mapping[str, Array], late_seconds: float | None = None) -> dict[str, Array]:
        """Return the outputs by name.

        Raises `SessionLate` after `late_seconds`, `TimeoutError` after the timeout, and the error of the session.
        After a late run, raises its error, or `TimeoutError` until it answers.
        """
        if self._answer:
            self._take_answer(self._answer)
        self._answer, self._deadline = Future(), time.monotonic() + self._timeout_seconds
        self._requests.put((feeds, self._answer))
        if late_seconds is not None and not _is_done(self._answer, late_seconds):
            raise SessionLate(f"no answer within {late_seconds:.2f} s")
        return self._take_answer(self._answer)

    def shrink(self) -> None:
        """Make the next run free its spare memory."""
        shrink(self._session)

    def restart(self) -> None:
        """Replace the process of the session after a failure."""
        restart(self._session)

    def close(self) -> None:
        """Close the session. One that is late or hangs is closed when its run returns. Raises the session's error."""
        self._requests.put(None)
        if self._answer is None or self._answer.done():
            self._thread.join(self._timeout_seconds)
        if self._close_error:
            raise self._close_error

    def _take_answer(self, answer: Future[dict[str, Array]]) -> dict[str, Array]:
        """Return the outputs of the last run. Raises `TimeoutError` at its deadline, and the error of the session."""
        if not _is_done(answer, self._deadline - time.monotonic()):
            raise TimeoutError(f"no answer within {self._timeout_seconds:g} s")
        self._answer = None
        return answer.result()

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


def _is_done(answer: Future[dict[str, Array]], seconds: float) -> bool:
    """Return whether `answer` arrives within `seconds`."""
    return any(wait([answer], max(0.0, seconds) / WAIT_STEPS).done for _ in range(WAIT_STEPS))
