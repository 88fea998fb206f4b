"""How the announcer reports failures."""

from __future__ import annotations

import asyncio
import logging
import threading
from pathlib import Path

import pytest

from tests.helpers.waiting import wait_until
from wyoming_kokoro_zeroconf.addresses import ServiceAnnouncement
from wyoming_kokoro_zeroconf.announcer import Announcer
from wyoming_kokoro_zeroconf.instance_name import InstanceName

LOG = logging.getLogger("wyoming_kokoro.plugins.zeroconf")
NAME = InstanceName("Loft", Path("unused"), LOG)


class FlakyInterfaces:
    """Fails three times, then finds no addresses."""

    def __init__(self) -> None:
        self.was_read_often = threading.Event()
        self._calls = 0

    def __call__(self) -> ServiceAnnouncement:
        self._calls += 1
        if self._calls <= 3:
            raise OSError(24, "Too many open files")
        if self._calls == 6:
            self.was_read_often.set()
        return ServiceAnnouncement()


async def test_lasting_failure_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    interfaces = FlakyInterfaces()
    async with Announcer(NAME, interfaces, 10200, LOG, poll_seconds=0.01):
        assert await asyncio.to_thread(interfaces.was_read_often.wait, 20)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "Too many open files" in caplog.records[0].getMessage()


async def test_unexpected_error_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> ServiceAnnouncement:
        raise ZeroDivisionError

    async with Announcer(NAME, fail, 10200, LOG, poll_seconds=0.01):
        await wait_until(lambda: caplog.messages)
    assert caplog.messages == ["Announcer failed; will restart in 1 s"]
