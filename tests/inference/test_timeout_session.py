from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping

import numpy as np
import pytest

from wyoming_kokoro import Array
from wyoming_kokoro.inference.timeout_session import TimeoutSession

SHORT_TIMEOUT_SECONDS = 0.05
FEEDS = {"frames": np.arange(3.0)}


class FakeDevice:
    """A session that hangs while `can_answer` is not set."""

    def __init__(self) -> None:
        self.can_answer = threading.Event()
        self.can_answer.set()
        self.threads: list[threading.Thread] = []
        self.is_closed = False

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        self.threads.append(threading.current_thread())
        self.can_answer.wait()
        if not feeds:
            raise RuntimeError("error code -1")
        return {name: 2 * array for name, array in feeds.items()}

    def close(self) -> None:
        assert self.can_answer.is_set(), "a session that hangs cannot be closed"
        self.is_closed = True


@pytest.fixture
def device() -> Iterator[FakeDevice]:
    device = FakeDevice()
    yield device
    device.can_answer.set()


def test_all_runs_use_one_separate_thread(device: FakeDevice) -> None:
    session = TimeoutSession(device)
    for factor in range(3):
        outputs = session.run({"frames": factor * FEEDS["frames"]})
        np.testing.assert_array_equal(outputs["frames"], 2 * factor * FEEDS["frames"])
    session.close()
    assert len(set(device.threads)) == 1
    assert threading.current_thread() not in device.threads
    assert device.is_closed
    assert not device.threads[0].is_alive()


def test_error_of_the_session_is_raised_and_later_runs_work(device: FakeDevice) -> None:
    session = TimeoutSession(device)
    with pytest.raises(RuntimeError, match="error code -1"):
        session.run({})
    assert session.run(FEEDS).keys() == FEEDS.keys()
    session.close()


def test_session_that_hangs_is_not_used_again(device: FakeDevice) -> None:
    session = TimeoutSession(device, SHORT_TIMEOUT_SECONDS)
    device.can_answer.clear()
    with pytest.raises(TimeoutError, match=r"no answer within 0\.05 s"):
        session.run(FEEDS)
    for _ in range(3):
        with pytest.raises(TimeoutError, match="did not answer an earlier run"):
            session.run(FEEDS)
    assert len(device.threads) == 1
    session.close()
    assert not device.is_closed


def test_session_that_answers_late_is_not_used_again(device: FakeDevice) -> None:
    session = TimeoutSession(device, SHORT_TIMEOUT_SECONDS)
    device.can_answer.clear()
    with pytest.raises(TimeoutError):
        session.run(FEEDS)
    device.can_answer.set()
    with pytest.raises(TimeoutError):
        session.run(FEEDS)
    session.close()
    device.threads[0].join(20)
    assert not device.threads[0].is_alive()


def test_late_error_ends_the_thread_cleanly(device: FakeDevice) -> None:
    session = TimeoutSession(device, SHORT_TIMEOUT_SECONDS)
    device.can_answer.clear()
    with pytest.raises(TimeoutError):
        session.run({})
    session.close()
    device.can_answer.set()
    device.threads[0].join(20)
    assert not device.threads[0].is_alive()


def test_session_that_never_ran_can_be_closed(device: FakeDevice) -> None:
    TimeoutSession(device).close()
    assert device.is_closed


def test_timeout_error_of_the_session_does_not_count_as_hanging() -> None:
    class BusyDevice(FakeDevice):
        failures_left = 1

        def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
            self.failures_left -= 1
            if self.failures_left >= 0:
                raise TimeoutError("the queue of the device is full")
            return super().run(feeds)

    session = TimeoutSession(BusyDevice())
    with pytest.raises(TimeoutError, match="the queue of the device is full"):
        session.run(FEEDS)
    assert session.run(FEEDS).keys() == FEEDS.keys()
    session.close()
