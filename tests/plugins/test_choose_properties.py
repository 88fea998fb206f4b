"""What holds whatever the providers do: nobody strange is chosen, and nobody is changed for a whim."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.plugins.race_track import Track
from wyoming_kokoro_choose.post import MARGIN, STRETCH_RUNS, STRETCH_SECONDS
from wyoming_kokoro_choose.recovery import HOUR
from wyoming_kokoro_choose.standing import FAILED_SECONDS, RUNS, SLOW_SECONDS

NAMES = ("npu", "gpu", "cpu")
times = st.floats(0.01, 10.0)


def soon(seconds: float) -> int:
    """Return after how many windows of so many seconds each a change is due: first they have to become the rule."""
    return (RUNS + 1) // 2 + max(STRETCH_RUNS, math.ceil(STRETCH_SECONDS / seconds)) + 3


def most_switches(providers: int, seconds: float) -> float:
    """Return how many changes for slowness there may be: in the time of a recovery each provider is left once and
    taken again once, and one of them early.
    """
    return (2 * providers + 1) * (1 + seconds / SLOW_SECONDS)


# Whatever happens


class Home(RuleBasedStateMachine):
    """Providers come and go, run and fail."""

    @initialize(
        measured=st.dictionaries(st.sampled_from(NAMES), st.none() | times, min_size=1),
        preferred=st.sampled_from(["", *NAMES]),
    )
    def open(self, measured: dict[str, float | None], preferred: str) -> None:
        self.track = Track(measured, preferred)
        self.preferred = preferred
        self.failed: dict[str, float] = {}
        """When each failed last."""

    @rule(seconds=times, windows=st.integers(1, 40))
    def speak(self, seconds: float, windows: int) -> None:
        self.track.takes[self.track.chosen()] = seconds
        self.track.run(windows)

    @rule()
    def fail(self) -> None:
        name = self.track.chosen()
        self.track.fail(name)
        self.failed[name] = self.track.clock.now

    @rule(seconds=st.sampled_from([1.0, 59.0, 60.0, 301.0, HOUR]))
    def wait(self, seconds: float) -> None:
        self.track.clock.now += seconds

    @rule(name=st.sampled_from(NAMES), seconds=st.none() | times)
    def appear(self, name: str, seconds: float | None) -> None:
        self.track.measured[name] = seconds
        self.track.takes.setdefault(name, seconds or 0.1)

    @precondition(lambda self: len(self.track.measured) > 1)
    @rule(name=st.sampled_from(NAMES))
    def vanish(self, name: str) -> None:
        if self.track.measured.keys() != {name}:
            self.track.measured.pop(name, None)

    @invariant()
    def the_choice_is_sound(self) -> None:
        chosen, candidates = self.track.chosen(), self.track.measured
        now = self.track.clock.now
        faultless = {name for name in candidates if now - self.failed.get(name, -math.inf) >= HOUR}
        assert chosen in candidates
        assert chosen == self.track.chosen()
        if faultless:
            assert now - self.failed.get(chosen, -math.inf) >= FAILED_SECONDS
        if self.preferred in faultless:
            assert chosen == self.preferred
        elif chosen != self.preferred and any(candidates[name] is not None for name in faultless):
            assert candidates[chosen] is not None


TestHome = Home.TestCase
TestHome.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)


# Nobody is changed for a whim


@given(st.lists(times, min_size=2, max_size=3), st.data())
@settings(max_examples=60)
def test_changes_are_rare_whatever_the_times(measured: Sequence[float], data: st.DataObject) -> None:
    """Also where every provider turns slow as soon as it is chosen."""
    track = Track(dict(zip(NAMES, measured, strict=False)))
    begun = track.clock.now
    stretches = st.lists(st.tuples(times, st.integers(1, 40), st.sampled_from([0.0, 0.0, 1.0, 301.0])), max_size=40)
    for seconds, windows, pause in data.draw(stretches):
        track.takes[track.chosen()] = seconds
        track.run(windows)
        track.clock.now += pause
        assert track.switches <= most_switches(len(measured), track.clock.now - begun)


def test_changes_are_rare_where_whoever_runs_gets_ever_slower() -> None:
    """The worst case for a comparison with what was seen before, all day long."""
    for providers in (2, 3):
        track = Track(dict.fromkeys(NAMES[:providers], 0.1))
        begun = track.clock.now
        for hour in range(24):
            for step in range(20):
                track.takes[track.chosen()] = 0.1 * 1.25**step
                track.run(STRETCH_RUNS + RUNS)
                assert track.switches <= most_switches(providers, track.clock.now - begun)
            track.clock.now = begun + (hour + 1) * HOUR
        assert track.switches <= 24 * 4 * providers


@given(
    quiet=st.floats(0.02, 1.0),
    slower=st.floats(1.0, 4.0),
    noise=st.lists(st.floats(0.7, 1.1), min_size=20, max_size=200),
    outlier=st.floats(1.0, 1e6),
    every=st.integers(3, 50),
)
def test_noise_and_single_slow_windows_change_nothing(
    quiet: float, slower: float, noise: Sequence[float], outlier: float, every: int
) -> None:
    track = Track({"gpu": quiet, "cpu": quiet * slower})
    for number, factor in enumerate(noise):
        track.takes["gpu"] = quiet * (outlier if number % every == 0 else factor)
        track.run()
    assert set(track.winners) == {"gpu"}


@given(quiet=st.floats(0.02, 1.0), burst=st.integers(1, STRETCH_RUNS - RUNS), outlier=st.floats(1.0, 1e3))
def test_a_burst_of_slow_windows_changes_nothing(quiet: float, burst: int, outlier: float) -> None:
    track = Track({"gpu": quiet, "cpu": quiet})
    for number in range(200):
        track.takes["gpu"] = quiet * (outlier if number % 60 < burst else 1.0)
        track.run()
    assert set(track.winners) == {"gpu"}


@given(gpu=st.floats(0.02, 0.1), cpu=st.floats(1.0, 3.0), busy=st.floats(1.0, 10.0))
def test_a_busy_machine_is_no_reason_to_go_to_and_fro(gpu: float, cpu: float, busy: float) -> None:
    """All are slower by one factor: the other is tried, and whoever is better then keeps the post."""
    track = Track({"gpu": gpu, "cpu": gpu * cpu})
    track.run(50)
    track.takes = {name: seconds * busy for name, seconds in track.takes.items()}
    begun = track.clock.now
    while track.clock.now - begun < SLOW_SECONDS - 10:
        track.run(STRETCH_RUNS)
        track.clock.now += 1
    assert track.switches <= 2
    assert track.takes[track.winners[-1]] * (1 - MARGIN) <= 1.001 * min(track.takes.values())


# But who is slow is left, and who recovered is taken back


@given(
    quiet=st.floats(0.01, 1.0),
    rival=st.floats(1.0, 3.0),
    beaten=st.floats(0.3, 0.999 * (1 - MARGIN)),
    before=st.integers(0, 50),
)
def test_one_that_is_slow_is_left_soon(quiet: float, rival: float, beaten: float, before: int) -> None:
    track = Track({"gpu": quiet, "cpu": quiet * rival})
    track.run(before)
    slow = quiet * rival / beaten
    track.takes["gpu"] = slow
    assert track.run(soon(slow))[-1] == "cpu"


@given(
    quiet=st.floats(0.05, 1.0),
    rival=st.floats(1.25, 3.0),
    slow=st.floats(1.3, 5.0),
    trouble=st.floats(0.0, 2 * HOUR),
)
@settings(max_examples=50)
def test_one_that_recovered_is_taken_back(quiet: float, rival: float, slow: float, trouble: float) -> None:
    """However long it was slow, an hour after it is well again it is in use."""
    track = Track({"gpu": quiet, "cpu": quiet * rival})
    track.takes["gpu"] = quiet * rival * slow
    ended = track.clock.now + trouble
    while track.clock.now < ended:
        track.run(10)
        track.clock.now += 20
    track.takes["gpu"] = quiet
    track.clock.now += HOUR
    assert track.run(soon(quiet * rival))[-1] == "gpu"
