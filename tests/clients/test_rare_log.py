"""The log that does not repeat itself."""

from __future__ import annotations

import logging

import pytest

from tests.helpers.fake_clock import FakeClock
from wyoming_kokoro.clients.rare_log import MAX_KINDS, RareLog


def test_lines_of_one_kind_are_logged_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    clock = FakeClock()
    rare_log = RareLog(logging.getLogger("test"), clock)
    for kind in ("a", "b", "a", "a"):
        rare_log.warning(kind, "Closed %s", kind)
    clock.now += 61
    rare_log.warning("a", "Closed %s", "a")
    assert caplog.messages == ["Closed a", "Closed b", "Closed a (2 more since the last line like this)"]


def test_too_many_kinds_have_one_line_together(caplog: pytest.LogCaptureFixture) -> None:
    rare_log = RareLog(logging.getLogger("test"), FakeClock())
    for number in range(2 * MAX_KINDS):
        rare_log.warning(number, "Closed %d", number)
    assert len(caplog.records) == MAX_KINDS + 1
