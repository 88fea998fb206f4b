from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from types import SimpleNamespace
from typing import cast

import pytest

from tests.helpers.fake_clock import FakeClock
from wyoming_kokoro.errors import Overloaded
from wyoming_kokoro.scheduling.admission import SECONDS_PER_PHONEME, AdmissionControl, PendingText
from wyoming_kokoro.scheduling.costs import MeasuredCosts, UnitCosts
from wyoming_kokoro.scheduling.overload import CALM_SECONDS, OverloadDetector
from wyoming_kokoro.scheduling.playback import Playback


def admission_with(clock: FakeClock, max_streams: int = 1, max_wait_seconds: float = 10.0) -> AdmissionControl:
    costs = UnitCosts(clock=clock)
    costs.measured = MeasuredCosts([0.0] * 4, 0.5, 0.5, speech_seconds=60.0)
    admission = AdmissionControl(costs, clock)
    admission.set_limits(max_streams, max_wait_seconds)
    return admission


def request(admission: AdmissionControl, clock: FakeClock, content: object, seconds: float = 4.0) -> Playback:
    """Request a text of so many `seconds`, which is complete."""
    playback, phonemes = Playback(clock), round(seconds / SECONDS_PER_PHONEME)
    playback.is_text_complete = True
    admission.request(playback, PendingText(content, phonemes, phonemes))
    return playback


def test_overload_begins_before_requests_are_refused() -> None:
    clock = FakeClock()
    admission = admission_with(clock)
    detector = OverloadDetector(admission, clock)
    accepted_after_warning = 0
    with suppress(Overloaded):
        for number in range(20):
            clock.now += 1
            accepted_after_warning += detector.is_overloaded
            request(admission, clock, number)
    assert accepted_after_warning in range(2, 10)


def test_overload_ends_when_the_waiting_requests_are_served() -> None:
    clock = FakeClock()
    admission = admission_with(clock)
    detector = OverloadDetector(admission, clock)
    playbacks = [request(admission, clock, number) for number in range(5)]
    states = [detector.is_overloaded]
    for playback in playbacks:
        clock.now += 2
        admission.release(playback)
        states.append(detector.is_overloaded)
    clock.now += CALM_SECONDS
    states.append(detector.is_overloaded)
    assert states == sorted(states, reverse=True)
    assert (states[0], states[-1]) == (True, False)


@pytest.mark.parametrize("max_wait_seconds", [0.0, 10.0])
def test_idle_server_is_not_overloaded(max_wait_seconds: float) -> None:
    clock = FakeClock()
    detector = OverloadDetector(admission_with(clock, max_wait_seconds=max_wait_seconds), clock)
    assert not detector.is_overloaded


def test_server_that_lets_no_request_wait_is_overloaded_as_soon_as_one_would() -> None:
    clock = FakeClock()
    admission = admission_with(clock, max_wait_seconds=0.0)
    detector = OverloadDetector(admission, clock)
    request(admission, clock, "text")
    assert detector.is_overloaded


def test_forecast_changes_nothing() -> None:
    clock = FakeClock()
    admission = admission_with(clock)
    for number in range(3):
        request(admission, clock, number)
    waits = [admission.next_wait_seconds() for _ in range(2)]
    assert waits[0] == waits[1] > 0
    assert (admission.waiting_count, admission.in_use) == (2, 1)


def count_changes(waits: Sequence[float], step_seconds: float = 1.0) -> int:
    """Return how often the state changes while the expected wait takes these values."""
    clock, remaining = FakeClock(), iter(waits)
    source = SimpleNamespace(next_wait_seconds=lambda: next(remaining), max_wait_seconds=10.0)
    detector = OverloadDetector(cast(AdmissionControl, source), clock)
    states = [False]
    for _ in waits:
        clock.now += step_seconds
        states.append(detector.is_overloaded)
    return sum(before != after for before, after in pairwise(states))


@pytest.mark.parametrize(
    ("waits", "changes"),
    [
        ([4.9, 0.0] * 50, 0),
        ([5.1, 4.9] * 50, 1),
        ([5.1, 2.6] * 50, 1),
        ([5.1, 0.0] * 50, 1),
        ([6.0, *[0.0] * 10], 2),
        ([6.0, *[2.6] * 10, *[0.0] * 10], 2),
    ],
)
def test_state_does_not_flap(waits: list[float], changes: int) -> None:
    assert count_changes(waits) == changes


def test_health_checks_of_many_balancers_need_few_forecasts() -> None:
    """The iterator has only three values."""
    assert count_changes([6.0] * 3, step_seconds=10.0) == 1
    clock, remaining = FakeClock(), iter([6.0, 6.0, 6.0])
    source = SimpleNamespace(next_wait_seconds=lambda: next(remaining), max_wait_seconds=10.0)
    detector = OverloadDetector(cast(AdmissionControl, source), clock)
    for _ in range(100):
        clock.now += 0.01
        assert detector.is_overloaded
