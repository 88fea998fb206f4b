"""Runs the units of all syntheses on one worker thread, the earliest deadline first.

A synthesis is a generator. Each `next()` is one unit of work: a run of prosody or of the decoder, one window, or a
whole sentence.
`docs/scheduling.md` describes the order; `Scheduler._next_job` implements it.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Mapping
from functools import partial
from operator import attrgetter
from types import TracebackType

import numpy as np

from wyoming_kokoro.api.observations import Purpose
from wyoming_kokoro.api.speech_models import Quality
from wyoming_kokoro.errors import SpeechError, SynthesisFailed
from wyoming_kokoro.scheduling.costs import (
    ASSUMED_DISTILLED_SECONDS,
    SAFETY_RATIO,
    USUAL_PHONEMES,
    UnitCosts,
)
from wyoming_kokoro.scheduling.job import Job
from wyoming_kokoro.scheduling.playback import IdlePriority, Priority
from wyoming_kokoro.scheduling.unit_timeout import UnitTimeout
from wyoming_kokoro.scheduling.worker import UnitIterator, Worker
from wyoming_kokoro.types import Pcm, ignore

# A unit that takes longer fails. A native call cannot be interrupted, so its thread is abandoned.
UNIT_TIMEOUT_SECONDS = 60.0

# Steps of the event loop, some microseconds each, in which the consumer takes its samples and queues its next unit.
# Without them, another job would run before each unit of the most urgent stream.
YIELD_STEPS = 12

# Time between two segments of a stream: phonemization and a cache lookup.
SEGMENT_GAP_SECONDS = 0.03

log = logging.getLogger(__name__)


class Scheduler:
    """Runs jobs by their deadlines on one worker thread, which it replaces if a unit hangs."""

    def __init__(
        self, unit_timeout_seconds: float = UNIT_TIMEOUT_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`clock` is the clock of the deadlines."""
        self._unit_timeout_seconds = unit_timeout_seconds
        self._clock = clock
        self.costs: Mapping[Quality, UnitCosts] = {
            "full": UnitCosts(),
            "distilled": UnitCosts(ASSUMED_DISTILLED_SECONDS),
        }
        self._jobs: set[Job] = set()
        self._waiting: list[Job] = []
        self._running: Job | None = None
        self._current_purpose: Purpose = "speech"
        self._unit_started_at = 0.0
        self._is_yielding = False
        self._gap_deadline = math.inf
        """The deadline of a stream between two segments, whose next job is about to be queued."""
        self._gap_quality: Quality = "full"
        """The model of that stream."""
        self._is_stuck = False
        self._worker = Worker()

    async def __aenter__(self) -> Scheduler:
        self._worker.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for job in [*self._waiting, *([self._running] if self._running else [])]:
            job.close()
        self._waiting.clear()
        self._worker.stop()
        await asyncio.to_thread(self._worker.join, self._unit_timeout_seconds)

    @property
    def is_idle(self) -> bool:
        """Whether no unit runs and no job waits for one."""
        return self._running is None and not self._waiting

    @property
    def waiting_count(self) -> int:
        """The number of jobs that wait for their next unit."""
        return len(self._waiting)

    @property
    def running_unit_seconds(self) -> float:
        """Seconds since the current unit started; 0 without one."""
        return self._clock() - self._unit_started_at if self._running else 0.0

    @property
    def is_stuck(self) -> bool:
        """Whether the last unit timed out and no unit has finished since."""
        return self._is_stuck

    def current_purpose(self) -> Purpose:
        """Return the purpose of the current unit. Thread-safe."""
        return self._current_purpose

    def active_count(self) -> float:
        """Return the number of streams that wait for the next unit of the full model. Thread-safe.

        A stream counts as many times as it makes seconds for each second of audio. One whose client does not read, or
        which has no text, does not share the machine.
        """
        jobs = [job for job in tuple(self._jobs) if job.deadline < math.inf and job.quality == "full"]
        return sum(job.work_ratio for job in jobs if job.is_waiting)

    def buffered_seconds(self) -> float | None:
        """Return the seconds buffered by the stream of the current unit, None before its first audio. Thread-safe."""
        job = self._running
        if job is None or not job.has_started:
            return None
        return max(0.0, job.deadline - self._clock())

    def create_job(
        self,
        units: UnitIterator,
        priority: Priority,
        background_purpose: Purpose = "warmup",
        quality: Quality = "full",
        phonemes: int = 0,
        *,
        work_ratio: float = 1.0,
    ) -> Job:
        """Return a job that runs `units` of a model of this `quality` by the deadline of `priority`.

        `phonemes` is the number that the units synthesize. With 0, their time is not recorded. The model makes
        `work_ratio` seconds for each second of audio.
        """
        job = Job(
            units,
            priority,
            background_purpose,
            quality,
            phonemes,
            work_ratio=work_ratio,
            enqueue=self._enqueue,
            cancel=self._cancel,
        )
        self._jobs.add(job)
        return job

    async def run_in_background(self, units: UnitIterator, phonemes: int = 0) -> None:
        """Run all `units` of a trial while no stream needs a unit. Raises `SynthesisFailed`.

        Their time is recorded if they synthesize a number of `phonemes` with the full model.
        """
        job = self.create_job(units, IdlePriority(), "trial", phonemes=phonemes)
        try:
            while await job.next() is not None:
                pass
        finally:
            job.close()

    async def run_between_units(self, function: Callable[[], object]) -> None:
        """Run a short `function` on the worker thread, between two units. Raises what it raises."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def report(result: object) -> None:
            loop.call_soon_threadsafe(_set_done, done, result)

        self._worker.submit(function, report)
        await done

    def _enqueue(self, job: Job) -> None:
        if job.finished_units == 0 and job.has_started:
            self._gap_deadline = math.inf  # the next segment is here
        self._waiting.append(job)
        self._run_next_unit()

    def _cancel(self, job: Job) -> None:
        self._jobs.discard(job)
        self._waiting = [waiting for waiting in self._waiting if waiting is not job]
        # On the worker thread, because a generator cannot be closed during its unit.
        self._worker.submit(job.units.close, ignore)

    def _run_next_unit(self) -> None:
        self._waiting = [job for job in self._waiting if job.pending and not job.pending.done()]
        if self._running is not None or self._is_yielding or not self._waiting:
            return
        job = self._next_job()
        if job is None:
            return
        self._waiting.remove(job)
        self._running = job
        self._current_purpose, self._unit_started_at = job.purpose, self._clock()
        self._run(job)

    def _next_job(self) -> Job | None:
        """Return the waiting job with the earliest deadline, None while a more urgent stream is between two segments.

        A job without audio yet waits if a started stream could run out of audio meanwhile.
        """
        by_deadline: Callable[[Job], float] = attrgetter("deadline")
        job: Job | None = min(self._waiting, key=by_deadline)
        if job and not job.has_started:
            started = min((job for job in self._waiting if job.has_started), key=by_deadline, default=None)
            buffer_end = min(self._gap_deadline, started.deadline if started else math.inf)
            # Both must reach their first audio.
            costs, quality = self.costs[job.quality], started.quality if started else self._gap_quality
            work_seconds = (
                costs.unit_seconds(job.finished_units, job.phonemes or USUAL_PHONEMES) + costs.seconds_until_audio()
            )
            work_seconds += self.costs[quality].seconds_until_audio()
            if buffer_end < self._clock() + SAFETY_RATIO * work_seconds:
                job = started
        return job if job and job.deadline <= self._gap_deadline else None

    def _run(self, job: Job) -> None:
        loop, worker = asyncio.get_running_loop(), self._worker
        timeout = UnitTimeout(self._unit_timeout_seconds, lambda: self._on_timeout(job, worker))

        def report(result: Pcm | Exception | None) -> None:
            loop.call_soon_threadsafe(self._on_unit_finished, job, worker, timeout, result)

        worker.submit(partial(next, job.units, None), report)

    def _on_unit_finished(self, job: Job, worker: Worker, timeout: UnitTimeout, result: Pcm | Exception | None) -> None:
        timeout.cancel()
        if worker is not self._worker:
            return  # the unit timed out before
        self._running = None
        self._is_stuck = False
        purpose = self._current_purpose
        if isinstance(result, Exception) and not isinstance(result, SpeechError):
            # The trial runner rejects a provider that fails in a trial, and logs why.
            level = logging.DEBUG if purpose == "trial" else logging.ERROR
            log.log(level, "Synthesis failed in unit %d (%s)", job.finished_units, purpose, exc_info=result)
        if job.phonemes and isinstance(result, np.ndarray):
            seconds = self._clock() - self._unit_started_at
            self.costs[job.quality].record_unit(job.finished_units, job.phonemes, seconds)
        job.finished_units += 1
        if isinstance(result, np.ndarray) and not len(result):
            self._waiting.append(job)  # a unit without audio: the consumer still waits
            self._run_next_unit()
        else:
            if not isinstance(result, np.ndarray):
                self._on_job_finished(job)
            job.resolve(result)
            self._run_next_unit_after(YIELD_STEPS)

    def _on_job_finished(self, job: Job) -> None:
        self._jobs.discard(job)
        if job.has_started:
            if job.deadline < self._gap_deadline:
                self._gap_deadline, self._gap_quality = job.deadline, job.quality
            asyncio.get_running_loop().call_later(SEGMENT_GAP_SECONDS, self._on_gap_timeout, self._gap_deadline)

    def _on_gap_timeout(self, deadline: float) -> None:
        if self._gap_deadline == deadline:
            self._gap_deadline = math.inf
            self._run_next_unit()

    def _run_next_unit_after(self, steps: int) -> None:
        """Run the next unit after this many steps of the event loop."""
        self._is_yielding = steps > 0
        if self._is_yielding:
            asyncio.get_running_loop().call_soon(self._run_next_unit_after, steps - 1)
        else:
            self._run_next_unit()

    def _on_timeout(self, job: Job, worker: Worker) -> None:
        log.error("A unit of work did not finish within %.0f s; replaced its thread", self._unit_timeout_seconds)
        worker.stop()
        self._worker = Worker()
        self._worker.start()
        self._running = None
        self._is_stuck = True
        job.resolve(SynthesisFailed(f"synthesis timed out after {self._unit_timeout_seconds:g} s; try again"))
        self._run_next_unit()


def _set_done(done: asyncio.Future[None], result: object) -> None:
    if done.done():
        return
    if isinstance(result, Exception):
        done.set_exception(result)
    else:
        done.set_result(None)
