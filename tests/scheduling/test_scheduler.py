from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.units import CHUNK, Clock, count_chunks, fake_units, playback_with
from wyoming_kokoro.errors import SynthesisFailed
from wyoming_kokoro.scheduling.costs import PROSODY_UNITS
from wyoming_kokoro.scheduling.playback import Playback
from wyoming_kokoro.scheduling.scheduler import SEGMENT_GAP_SECONDS, Scheduler
from wyoming_kokoro.scheduling.worker import UnitIterator
from wyoming_kokoro.speech.shared_synthesis import SharedSyntheses


async def test_the_listener_that_runs_dry_first_is_served_first() -> None:
    """Of three streams that wait, the earliest deadline goes first, whatever the order of asking."""
    log: list[str] = []
    gate = threading.Event()
    async with Scheduler() as engine:
        blocker = asyncio.create_task(engine.create_job(fake_units("x", 1, log, gate), Playback(Clock())).next())
        await asyncio.sleep(0)
        late = engine.create_job(fake_units("late", 1, log), playback_with(9.0))
        soon = engine.create_job(fake_units("soon", 1, log), playback_with(1.0))
        middle = engine.create_job(fake_units("middle", 1, log), playback_with(5.0))
        waiting = [asyncio.create_task(track.next()) for track in (late, soon, middle)]
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(blocker, *waiting)
    assert log == ["x0", "soon0", "middle0", "late0"]


async def test_a_new_request_waits_for_one_unit_at_most() -> None:
    """A request that comes while a long one is under way is served after the unit that runs."""
    log: list[str] = []
    clock = Clock()
    async with Scheduler(clock=clock) as engine:
        sharing = SharedSyntheses(engine)
        long, new = playback_with(60.0, clock), None

        async def speak_long() -> None:
            nonlocal new
            async for chunk in sharing.stream("long", long, lambda: fake_units("long", 6, log)):
                long.add_audio(len(chunk) / 24_000)
                if len(log) == 2 and new is None:
                    new = asyncio.create_task(
                        count_chunks(sharing.stream("new", Playback(clock), lambda: fake_units("new", 2, log)))
                    )
                    await asyncio.sleep(0)

        await speak_long()
        assert new is not None
        await new
    assert log.index("new0") <= 3


async def test_the_urgent_stream_is_served_to_its_end_first() -> None:
    """Whoever is about to run dry does not lose its turn while it takes its samples."""
    log: list[str] = []
    clock = Clock()
    patient = playback_with(60.0, clock)
    async with Scheduler(clock=clock) as engine:
        sharing = SharedSyntheses(engine)
        long = asyncio.create_task(count_chunks(sharing.stream("long", patient, lambda: fake_units("long", 3000, log))))
        await asyncio.sleep(0.01)  # the long stream is under way
        await count_chunks(sharing.stream("new", Playback(clock), lambda: fake_units("new", 5, log)))
        served = [unit for unit in log[log.index("new0") :] if unit.startswith("new")]
        between = log[log.index("new0") : log.index("new4")]
        long.cancel()
    assert served == [f"new{number}" for number in range(5)]
    assert between == [f"new{number}" for number in range(4)]


def taking(clock: Clock, name: str, seconds: Iterable[float], log: list[str]) -> UnitIterator:
    """Take so many seconds of `clock` for each unit; the first two make no sound."""
    for number, taken in enumerate(seconds):
        clock.now += taken
        log.append(name)
        yield CHUNK[: 0 if number < PROSODY_UNITS else None]


@given(
    readings=st.lists(st.floats(0.01, 0.5), min_size=3, max_size=3),
    window=st.floats(0.01, 0.05),
    left=st.floats(0.1, 3.0),
    windows=st.integers(3, 100),
)
def test_nobody_who_asks_makes_a_listener_run_dry(
    readings: list[float], window: float, left: float, windows: int
) -> None:
    """What takes long for a new one is done when there is enough to play meanwhile, also while the next segment of who
    listens is read, whatever takes how long.
    """

    def least_left(asking: int) -> float:
        """Return how little a listener ever has left while so many others begin to ask."""
        clock, log, least = Clock(), list[str](), [left]

        async def listen(sharing: SharedSyntheses, listener: Playback) -> None:
            for segment in ([0.0, 0.0, *[window] * windows], [*readings[:PROSODY_UNITS], *[window] * 100]):
                steps = partial(taking, clock, "old", segment, log)
                async for _ in sharing.stream(("old", segment[0]), listener, steps):
                    least.append(listener.deadline - clock.now)
                    listener.add_audio(0.2)

        async def run() -> None:
            async with Scheduler(clock=clock) as engine:
                sharing = SharedSyntheses(engine)
                steps = partial(taking, clock, "new", [*readings, window], log)
                await count_chunks(sharing.stream("seen", Playback(clock), steps))
                log.clear()
                old = asyncio.create_task(listen(sharing, playback_with(left, clock)))
                while log.count("old") < PROSODY_UNITS:  # noqa: ASYNC110 the units come from another thread
                    await asyncio.sleep(0)
                new = [
                    count_chunks(sharing.stream(("new", number), Playback(clock), steps)) for number in range(asking)
                ]
                await asyncio.gather(old, *new)

        asyncio.run(run())
        assert asking == 0 or log.index("new") < len(log) - 4, "there comes a time for the new one, too"
        return min(least)

    assert least_left(asking=1) >= min(0.0, least_left(asking=0))


async def test_between_two_segments_nobody_less_urgent_is_served() -> None:
    """Who is about to run dry comes back in a moment with the next segment; one who has enough to play waits so long,
    and is served when nobody comes back.
    """
    log: list[str] = []
    clock = Clock()
    hasty, patient = playback_with(0.2, clock), playback_with(9.0, clock)
    async with Scheduler(clock=clock) as engine:
        sharing = SharedSyntheses(engine)

        async def speak(name: str) -> None:
            await count_chunks(sharing.stream(name, hasty, lambda: fake_units(name, 2, log)))

        other = asyncio.create_task(count_chunks(sharing.stream("other", patient, lambda: fake_units("other", 3, log))))
        await speak("first")
        await asyncio.sleep(SEGMENT_GAP_SECONDS / 10)  # the next segment is put into phonemes
        hasty.add_audio(0.06)  # the pause between the two
        await speak("second")
        await other
    assert log.index("second1") - log.index("first0") == 3
    assert log[-1].startswith("other")


async def test_units_without_sound_are_not_waited_for() -> None:
    def quiet_at_first() -> UnitIterator:
        for _ in range(3):
            yield CHUNK[:0]
        yield CHUNK

    async with Scheduler() as engine:
        track = engine.create_job(quiet_at_first(), Playback(Clock()))
        first = await track.next()
        assert first is not None
        assert len(first) == len(CHUNK)
        assert await track.next() is None


async def test_a_stream_that_nobody_reads_is_not_worked_for() -> None:
    """No unit is run ahead of a reader that does not ask for it."""
    log: list[str] = []
    async with Scheduler() as engine:
        track = engine.create_job(fake_units("a", 100, log), Playback(Clock()))
        await track.next()
        await track.next()
        await asyncio.sleep(0.05)
    assert log == ["a0", "a1"]


async def test_a_closed_stream_gets_no_further_unit() -> None:
    """A stream whose client left is dropped before its next unit."""
    log: list[str] = []
    gate = threading.Event()
    async with Scheduler() as engine:
        blocker = asyncio.create_task(engine.create_job(fake_units("x", 1, log, gate), Playback(Clock())).next())
        await asyncio.sleep(0)
        left = engine.create_job(fake_units("left", 1, log), Playback(Clock()))
        task = asyncio.create_task(left.next())
        await asyncio.sleep(0)
        left.close()
        gate.set()
        await blocker
        with pytest.raises(asyncio.CancelledError):
            await task
        assert engine.is_idle
    assert log == ["x0"]


async def test_a_synthesis_that_nobody_hears_is_closed() -> None:
    """What it holds is given back at once, also when a unit of it is running."""
    closed: list[str] = []
    gate = threading.Event()

    def careful(name: str, gate: threading.Event | None = None) -> UnitIterator:
        try:
            for _ in range(5):
                if gate:
                    gate.wait(5)
                yield CHUNK
        finally:
            closed.append(name)

    async with Scheduler() as engine:
        idle = engine.create_job(careful("idle"), Playback(Clock()))
        await idle.next()
        idle.close()
        running = engine.create_job(careful("running", gate), Playback(Clock()))
        task = asyncio.create_task(running.next())
        await asyncio.sleep(0.05)
        running.close()
        gate.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        await engine.create_job(fake_units("other", 1, []), Playback(Clock())).next()
        assert closed == ["idle", "running"]


async def test_a_failing_unit_fails_its_stream_alone() -> None:
    """An error in one synthesis reaches its own listener as SynthesisFailed, and the next stream works."""

    def broken() -> UnitIterator:
        raise RuntimeError("bad weights")
        yield CHUNK

    async with Scheduler() as engine:
        with pytest.raises(SynthesisFailed):
            await engine.create_job(broken(), Playback(Clock())).next()
        assert await engine.create_job(fake_units("a", 1, []), Playback(Clock())).next() is not None


async def test_a_unit_that_never_returns_costs_only_its_own_stream() -> None:
    """The worker of a native call that hangs is replaced, and others are spoken to."""
    release = threading.Event()
    log: list[str] = []
    async with Scheduler(unit_timeout_seconds=0.1) as engine:
        with pytest.raises(SynthesisFailed):
            await engine.create_job(fake_units("hung", 1, log, release), Playback(Clock())).next()
        assert engine.is_stuck
        assert await engine.create_job(fake_units("a", 1, log), Playback(Clock())).next() is not None
        assert not engine.is_stuck
        release.set()
        await asyncio.sleep(0.05)
        assert await engine.create_job(fake_units("b", 1, log), Playback(Clock())).next() is not None
    assert "a0" in log
    assert "b0" in log
