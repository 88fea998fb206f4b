from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from wyoming_kokoro.api.providers import shrink
from wyoming_kokoro.inference.timeout_session import TimeoutSession


class FakeShrinkingSession:
    shrink_count = 0

    def run(self, feeds: Any) -> dict[str, Any]:
        return {}

    def shrink(self) -> None:
        self.shrink_count += 1

    def close(self) -> None:
        pass


def test_timeout_session_shrinks_its_session() -> None:
    session = FakeShrinkingSession()
    timeout_session = TimeoutSession(session)
    shrink(timeout_session)
    timeout_session.close()
    assert session.shrink_count == 1


def test_session_that_cannot_shrink_is_left_alone() -> None:
    shrink(cast("Any", SimpleNamespace(run=dict, close=dict)))
