from __future__ import annotations

import asyncio
import logging

import pytest

from tests.helpers.waiting import wait_until
from wyoming_kokoro import BackgroundService
from wyoming_kokoro.api import background

LOG = logging.getLogger("background")


class Counter(BackgroundService):
    """Counts loop iterations until `limit`, then raises `OverflowError`."""

    def __init__(self, limit: int = 1_000_000) -> None:
        self.count = 0
        self._limit = limit

    async def run(self) -> None:
        """Count."""
        while True:
            self.count += 1
            if self.count > self._limit:
                raise OverflowError("limit reached")
            await asyncio.sleep(0)


class FailingRepeater(BackgroundService):
    """Repeats a step that raises each of `errors` once, and then succeeds."""

    def __init__(self, *errors: Exception) -> None:
        self.calls = 0
        self._errors = list(errors)

    async def run(self) -> None:
        """Repeat the step quickly."""
        await self.repeat(self.step, LOG, 0.001)

    async def step(self) -> float:
        """Raise the next error, or return the wait of one millisecond."""
        self.calls += 1
        if self._errors:
            raise self._errors.pop(0)
        return 0.001


async def test_entering_returns_at_once_and_leaving_cancels_run() -> None:
    async with Counter() as counter:
        assert counter.count == 0
        await asyncio.sleep(0.01)
        assert counter.count > 0
    count = counter.count
    await asyncio.sleep(0.01)
    assert counter.count == count


async def test_failed_service_is_logged_and_restarted_after_a_growing_delay(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(background, "MIN_RESTART_SECONDS", 0.001)
    monkeypatch.setattr(background, "MAX_RESTART_SECONDS", 0.004)
    async with Counter(3):
        await wait_until(lambda: len(caplog.records) >= 4)
    assert {record.levelname for record in caplog.records} == {"ERROR"}
    assert [message.split()[-2] for message in caplog.messages[:4]] == ["0.001", "0.002", "0.004", "0.004"]
    assert "limit reached" in caplog.text


async def test_service_can_be_entered_twice() -> None:
    counter = Counter()
    for _ in range(2):
        async with counter:
            await asyncio.sleep(0.001)


async def test_failed_step_is_retried_and_each_error_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    repeater = FailingRepeater(ValueError("first"), ValueError("second"), ValueError("first"))
    async with repeater:
        await wait_until(lambda: repeater.calls > 4)
    assert [record.levelname for record in caplog.records if record.levelno > logging.DEBUG] == ["ERROR", "ERROR"]
    assert caplog.messages[0] == "FailingRepeater failed; will retry in 0.001 s"
