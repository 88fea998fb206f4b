"""A session that hangs holds up nobody: it is given up, once and for all."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping

import numpy as np
import pytest

from wyoming_kokoro import Array
from wyoming_kokoro.inference.timeout_session import TimeoutSession

PATIENCE = 0.05
FEEDS = {"frames": np.arange(3.0)}


class Device:
    """A session that hangs while it is told to."""

    def __init__(self) -> None:
        self.answers = threading.Event()
        self.answers.set()
        self.threads: list[threading.Thread] = []
        self.is_closed = False

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        self.threads.append(threading.current_thread())
        self.answers.wait()
        if not feeds:
            raise RuntimeError("error code -1")
        return {name: 2 * array for name, array in feeds.items()}

    def close(self) -> None:
        assert self.answers.is_set(), "what hangs cannot be closed"
        self.is_closed = True


@pytest.fixture
def device() -> Iterator[Device]:
    device = Device()
    yield device
    device.answers.set()


def test_runs_are_answered_on_one_thread_of_its_own(device: Device) -> None:
    watched = TimeoutSession(device)
    for factor in range(3):
        made = watched.run({"frames": factor * FEEDS["frames"]})
        np.testing.assert_array_equal(made["frames"], 2 * factor * FEEDS["frames"])
    watched.close()
    assert len(set(device.threads)) == 1
    assert threading.current_thread() not in device.threads
    assert device.is_closed
    assert not device.threads[0].is_alive()


def test_errors_pass_through_and_the_session_goes_on(device: Device) -> None:
    watched = TimeoutSession(device)
    with pytest.raises(RuntimeError, match="error code -1"):
        watched.run({})
    assert watched.run(FEEDS).keys() == FEEDS.keys()
    watched.close()


def test_one_that_hangs_is_given_up(device: Device) -> None:
    """The first run waits for as long as there is patience, the others not at all: the device is not even asked."""
    watched = TimeoutSession(device, PATIENCE)
    device.answers.clear()
    with pytest.raises(TimeoutError, match=r"no answer within 0\.05 s"):
        watched.run(FEEDS)
    for _ in range(3):
        with pytest.raises(TimeoutError, match="did not answer an earlier run"):
            watched.run(FEEDS)
    assert len(device.threads) == 1
    watched.close()
    assert not device.is_closed


def test_one_that_answers_too_late_is_not_trusted_again(device: Device) -> None:
    watched = TimeoutSession(device, PATIENCE)
    device.answers.clear()
    with pytest.raises(TimeoutError):
        watched.run(FEEDS)
    device.answers.set()
    with pytest.raises(TimeoutError):
        watched.run(FEEDS)
    watched.close()
    device.threads[0].join(20)
    assert not device.threads[0].is_alive()


def test_an_error_that_comes_too_late_is_told_to_nobody(device: Device) -> None:
    """Nobody waits for it any more; the thread ends as it should."""
    watched = TimeoutSession(device, PATIENCE)
    device.answers.clear()
    with pytest.raises(TimeoutError):
        watched.run({})
    watched.close()
    device.answers.set()
    device.threads[0].join(20)
    assert not device.threads[0].is_alive()


def test_what_never_ran_can_be_closed(device: Device) -> None:
    TimeoutSession(device).close()
    assert device.is_closed


def test_a_session_s_own_timeout_is_an_error_like_others() -> None:
    """Only silence is a reason to give up."""

    class Slow(Device):
        patience = 1

        def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
            self.patience -= 1
            if self.patience >= 0:
                raise TimeoutError("the queue of the device is full")
            return super().run(feeds)

    watched = TimeoutSession(Slow())
    with pytest.raises(TimeoutError, match="the queue of the device is full"):
        watched.run(FEEDS)
    assert watched.run(FEEDS).keys() == FEEDS.keys()
    watched.close()
