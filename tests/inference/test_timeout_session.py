from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping

import numpy as np
import pytest

from tests.helpers.synthesis.fake_sessions import ConstantSession, FakeDevice
from wyoming_kokoro import Array
from wyoming_kokoro.api.providers import shrink
from wyoming_kokoro.inference.timeout_session import SessionLate, TimeoutSession

SHORT_TIMEOUT_SECONDS = 0.05
FEEDS = {"frames": np.arange(3.0)}


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


def test_session_that_hangs_gets_no_other_run(device: FakeDevice) -> None:
    session = TimeoutSession(device, SHORT_TIMEOUT_SECONDS)
    device.can_answer.clear()
    with pytest.raises(TimeoutError, match=r"no answer within 0\.05 s"):
        session.run(FEEDS)
    assert not session.is_late
    for _ in range(3):
        with pytest.raises(TimeoutError, match=r"no answer within 0\.05 s"):
            session.run(FEEDS, SHORT_TIMEOUT_SECONDS)
    assert device.has_begun.wait(60)
    assert len(device.threads) == 1
    session.close()
    assert not device.is_closed


@pytest.mark.parametrize("late_seconds", [None, SHORT_TIMEOUT_SECONDS], ids=["hung", "late"])
def test_session_that_answers_at_last_is_used_again(device: FakeDevice, late_seconds: float | None) -> None:
    """The next run gets its own answer, and waits for the owed one."""
    session = TimeoutSession(device, 60.0 if late_seconds else SHORT_TIMEOUT_SECONDS)
    device.can_answer.clear()
    with pytest.raises(SessionLate if late_seconds else TimeoutError, match=r"no answer within 0\.05 s"):
        session.run(FEEDS, late_seconds)
    assert session.is_late == bool(late_seconds)
    device.can_answer.set()
    assert session._answer
    session._answer.exception()
    assert not session.is_late
    session._timeout_seconds = 60.0
    other = {"frames": np.ones(2)}
    np.testing.assert_array_equal(session.run(other)["frames"], 2 * other["frames"])
    session.close()
    assert device.is_closed


def test_error_of_a_late_run_is_raised_by_the_next_run(device: FakeDevice) -> None:
    session = TimeoutSession(device)
    device.can_answer.clear()
    with pytest.raises(SessionLate):
        session.run({}, SHORT_TIMEOUT_SECONDS)
    device.can_answer.set()
    with pytest.raises(RuntimeError, match="error code -1"):
        session.run(FEEDS)
    assert session.run(FEEDS).keys() == FEEDS.keys()
    session.close()


def test_late_error_ends_the_thread_cleanly(device: FakeDevice) -> None:
    session = TimeoutSession(device, SHORT_TIMEOUT_SECONDS)
    device.can_answer.clear()
    with pytest.raises(TimeoutError):
        session.run({})
    session.close()
    device.can_answer.set()
    assert device.has_begun.wait(60)
    device.threads[0].join(60)
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


class ShrinkingSession(ConstantSession):
    shrink_count = 0

    def shrink(self) -> None:
        self.shrink_count += 1


@pytest.mark.parametrize(("session_class", "count"), [(ShrinkingSession, 1), (ConstantSession, 0)])
def test_session_shrinks_if_it_can(session_class: type[ConstantSession], count: int) -> None:
    inner = session_class()
    session = TimeoutSession(inner)
    shrink(session)
    session.close()
    assert getattr(inner, "shrink_count", 0) == count
