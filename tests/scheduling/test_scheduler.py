from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.fake_clock import FakeClock
from tests.helpers.synthesis.units import CHUNK, count_chunks, fake_units, new_playback, playback_with
from tests.helpers.waiting import wait_until
from wyoming_kokoro.errors import SynthesisFailed
from wyoming_kokoro.scheduling import scheduler as scheduler_module
from wyoming_kokoro.scheduling.costs import UNITS_BEFORE_WINDOWS, USUAL_PHONEMES
from wyoming_kokoro.scheduling.playback import Playback
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.scheduling.worker import UnitIterator
from wyoming_kokoro.speech.shared_synthesis import SharedSyntheses


async def test_units_run_in_the_order_of_deadlines() -> None:
    log: list[str] = []
    gate = threading.Event()
    async with Scheduler() as scheduler:
        blocker = asyncio.create_task(scheduler.create_job(fake_units("x", 1, log, gate), new_playback()).next())
        await asyncio.sleep(0)
        late = scheduler.create_job(fake_units("late", 1, log), playback_with(9.0))
        soon = scheduler.create_job(fake_units("soon", 1, log), playback_with(1.0))
        middle = scheduler.create_job(fake_units("middle", 1, log), playback_with(5.0))
        waiting = [asyncio.create_task(job.next()) for job in (late, soon, middle)]
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(blocker, *waiting)
    assert log == ["x0", "soon0", "middle0", "late0"]


async def test_new_request_waits_for_one_unit_at_most() -> None:
    log: list[str] = []
    clock = FakeClock()
    async with Scheduler(clock=clock) as scheduler:
        shared = SharedSyntheses(scheduler)
        long, new = playback_with(60.0, clock), None

        async def stream_long() -> None:
            nonlocal new
            async for chunk in shared.stream("long", long, lambda: fake_units("long", 6, log)):
                long.add_audio(len(chunk) / 24_000)
                if len(log) == 2 and new is None:
                    new = asyncio.create_task(
                        count_chunks(shared.stream("new", Playback(clock), lambda: fake_units("new", 2, log)))
                    )
                    await asyncio.sleep(0)

        await stream_long()
        assert new is not None
        await new
    assert log.index("new0") <= 3


async def test_urgent_stream_runs_all_its_units_before_a_less_urgent_one() -> None:
    """It keeps its turn while its consumer takes the samples of a unit."""
    log: list[str] = []
    clock = FakeClock()
    well_buffered = playback_with(60.0, clock)
    async with Scheduler(clock=clock) as scheduler:
        shared = SharedSyntheses(scheduler)
        long = asyncio.create_task(
            count_chunks(shared.stream("long", well_buffered, lambda: fake_units("long", 3000, log)))
        )
        await asyncio.sleep(0.01)  # until the long stream has started
        await count_chunks(shared.stream("new", Playback(clock), lambda: fake_units("new", 5, log)))
        units = [unit for unit in log[log.index("new0") :] if unit.startswith("new")]
        between = log[log.index("new0") : log.index("new4")]
        long.cancel()
    assert units == [f"new{number}" for number in range(5)]
    assert between == [f"new{number}" for number in range(4)]


def timed_units(clock: FakeClock, name: str, unit_seconds: Iterable[float], log: list[str]) -> UnitIterator:
    """Advance `clock` for each unit; the units before the windows yield no audio."""
    for number, seconds in enumerate(unit_seconds):
        clock.now += seconds
        log.append(name)
        yield CHUNK[: 0 if number < UNITS_BEFORE_WINDOWS else None]


@given(
    prosody=st.lists(st.floats(0.01, 0.5), min_size=3, max_size=3),
    window=st.floats(0.01, 0.05),
    buffered=st.floats(0.1, 3.0),
    windows=st.integers(3, 100),
)
def test_new_requests_cause_no_gap_in_a_running_stream(
    prosody: list[float], window: float, buffered: float, windows: int
) -> None:
    """Slow units of a new request run while the running stream has enough audio, even between two of its segments."""

    def min_buffered_seconds(new_requests: int) -> float:
        """Return the smallest buffer of a running stream while other requests start."""
        clock, log, minimum = FakeClock(), list[str](), [buffered]

        async def consume(shared: SharedSyntheses, playback: Playback) -> None:
            for segment in ([0.0, 0.0, *[window] * windows], [*prosody[:UNITS_BEFORE_WINDOWS], *[window] * 100]):
                units = partial(timed_units, clock, "old", segment, log)
                async for _ in shared.stream(("old", segment[0]), playback, units):
                    minimum.append(playback.deadline - clock.now)
                    playback.add_audio(0.2)

        async def run() -> None:
            async with Scheduler(clock=clock) as scheduler:
                shared = SharedSyntheses(scheduler)
                units = partial(timed_units, clock, "new", [*prosody, window], log)
                await count_chunks(shared.stream("seen", Playback(clock), units, phonemes=USUAL_PHONEMES))
                log.clear()
                old = asyncio.create_task(consume(shared, playback_with(buffered, clock)))
                while log.count("old") < UNITS_BEFORE_WINDOWS:  # noqa: ASYNC110 the units come from another thread
                    await asyncio.sleep(0)
                new = [
                    count_chunks(shared.stream(("new", number), Playback(clock), units))
                    for number in range(new_requests)
                ]
                await asyncio.gather(old, *new)

        asyncio.run(run())
        assert new_requests == 0 or log.index("new") < len(log) - 4, "the new request must start before the end"
        return min(minimum)

    assert min_buffered_seconds(new_requests=1) >= min(0.0, min_buffered_seconds(new_requests=0))


async def test_less_urgent_job_waits_during_the_segment_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs after the urgent stream has ended."""
    monkeypatch.setattr(scheduler_module, "SEGMENT_GAP_SECONDS", 60.0)
    log: list[str] = []
    clock = FakeClock()
    urgent, well_buffered = playback_with(0.2, clock), playback_with(9.0, clock)
    async with Scheduler(clock=clock) as scheduler:
        shared = SharedSyntheses(scheduler)

        async def stream(name: str) -> None:
            await count_chunks(shared.stream(name, urgent, lambda: fake_units(name, 2, log)))

        other = asyncio.create_task(
            count_chunks(shared.stream("other", well_buffered, lambda: fake_units("other", 3, log)))
        )
        await stream("first")
        await asyncio.sleep(0.003)  # phonemization of the next segment
        monkeypatch.setattr(scheduler_module, "SEGMENT_GAP_SECONDS", 0.003)
        urgent.add_audio(0.06)  # the pause between the segments
        await stream("second")
        await other
    assert log.index("second1") - log.index("first0") == 3
    assert log[-1].startswith("other")


async def test_units_without_audio_are_skipped() -> None:
    def silent_at_first() -> UnitIterator:
        for _ in range(3):
            yield CHUNK[:0]
        yield CHUNK

    async with Scheduler() as scheduler:
        job = scheduler.create_job(silent_at_first(), new_playback())
        first = await job.next()
        assert first is not None
        assert len(first) == len(CHUNK)
        assert await job.next() is None


async def test_no_unit_runs_before_the_consumer_asks() -> None:
    log: list[str] = []
    async with Scheduler() as scheduler:
        job = scheduler.create_job(fake_units("a", 100, log), new_playback())
        await job.next()
        await job.next()
        await asyncio.sleep(0.05)
    assert log == ["a0", "a1"]


async def test_closed_job_runs_no_further_unit() -> None:
    log: list[str] = []
    gate = threading.Event()
    async with Scheduler() as scheduler:
        blocker = asyncio.create_task(scheduler.create_job(fake_units("x", 1, log, gate), new_playback()).next())
        await asyncio.sleep(0)
        closed = scheduler.create_job(fake_units("closed", 1, log), new_playback())
        task = asyncio.create_task(closed.next())
        await asyncio.sleep(0)
        closed.close()
        gate.set()
        await blocker
        with pytest.raises(asyncio.CancelledError):
            await task
        assert scheduler.is_idle
    assert log == ["x0"]


async def test_closed_job_closes_its_generator_even_during_a_unit() -> None:
    closed: list[str] = []
    begun, gate = threading.Event(), threading.Event()

    def recorded(name: str, gate: threading.Event | None = None) -> UnitIterator:
        try:
            for _ in range(5):
                if gate:
                    begun.set()
                    gate.wait(60)
                yield CHUNK
        finally:
            closed.append(name)

    async with Scheduler() as scheduler:
        idle = scheduler.create_job(recorded("idle"), new_playback())
        await idle.next()
        idle.close()
        running = scheduler.create_job(recorded("running", gate), new_playback())
        task = asyncio.create_task(running.next())
        await wait_until(begun.is_set)
        running.close()
        gate.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        await scheduler.create_job(fake_units("other", 1, []), new_playback()).next()
        assert closed == ["idle", "running"]


def failing_units() -> UnitIterator:
    raise KeyError("bad weights")
    yield CHUNK


async def test_failing_unit_fails_only_its_job() -> None:
    async with Scheduler() as scheduler:
        with pytest.raises(SynthesisFailed):
            await scheduler.create_job(failing_units(), new_playback()).next()
        assert await scheduler.create_job(fake_units("a", 1, []), new_playback()).next() is not None


async def test_error_of_a_unit_is_logged_once_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    async with Scheduler() as scheduler:
        job = scheduler.create_job(failing_units(), new_playback())
        results = await asyncio.gather(job.next(), job.next(), return_exceptions=True)
    assert [type(result) for result in results] == [SynthesisFailed] * 2
    assert [record.getMessage() for record in caplog.records] == ["Synthesis failed in unit 0 (speech)"]
    assert "in failing_units" in caplog.text
    assert "KeyError: 'bad weights'" in caplog.text


async def test_error_of_a_trial_is_left_to_the_trial_runner(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with Scheduler() as scheduler:
        with pytest.raises(SynthesisFailed):
            await scheduler.run_in_background(failing_units())
    assert caplog.records == []


async def test_hanging_unit_fails_only_its_job_and_the_thread_is_replaced() -> None:
    release = threading.Event()
    log: list[str] = []
    async with Scheduler(unit_timeout_seconds=0.1) as scheduler:
        with pytest.raises(SynthesisFailed):
            await scheduler.create_job(fake_units("hung", 1, log, release), new_playback()).next()
        assert scheduler.is_stuck
        assert await scheduler.create_job(fake_units("a", 1, log), new_playback()).next() is not None
        assert not scheduler.is_stuck
        release.set()
        await asyncio.sleep(0.05)
        assert await scheduler.create_job(fake_units("b", 1, log), new_playback()).next() is not None
    assert "a0" in log
    assert "b0" in log


async def test_stream_whose_consumer_does_not_ask_is_not_active() -> None:
    gate = threading.Event()
    async with Scheduler() as scheduler:
        unread = scheduler.create_job(fake_units("unread", 9, []), new_playback())
        await unread.next()
        assert scheduler.active_count() == 0
        reading = asyncio.create_task(scheduler.create_job(fake_units("read", 1, [], gate), new_playback()).next())
        await asyncio.sleep(0)
        assert scheduler.active_count() == 1
        fast = asyncio.create_task(
            scheduler.create_job(fake_units("fast", 1, []), new_playback(), work_ratio=2.5).next()
        )
        await asyncio.sleep(0)
        assert scheduler.active_count() == 3.5
        gate.set()
        await asyncio.gather(reading, fast)
