"""The one place where the model runs: a worker thread, and who is served next.

A synthesis is an iterator; each `next()` is one unit of work (a prosody run, a window, or a whole sentence).
Of all syntheses that want their next unit, the one whose listener runs dry first is served: earliest deadline
first. Who has heard nothing yet waits until those who listen have enough to play meanwhile. Whose segment has ended
is given a moment to ask for the next one. Nobody works ahead of a reader that does not read.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable
from operator import attrgetter
from types import TracebackType

import numpy as np

from wyoming_kokoro.api.observations import Purpose
from wyoming_kokoro.errors import SynthesisFailed
from wyoming_kokoro.scheduling.costs import UnitCosts
from wyoming_kokoro.scheduling.job import Job
from wyoming_kokoro.scheduling.playback import IdlePriority, Priority
from wyoming_kokoro.scheduling.unit_timeout import UnitTimeout
from wyoming_kokoro.scheduling.worker import UnitIterator, Worker
from wyoming_kokoro.types import Pcm

UNIT_TIMEOUT_SECONDS = 60.0
"""A unit that takes longer is given up, and its thread with it: a native call cannot be interrupted."""

YIELD_STEPS = 8
"""Steps of the event loop, each some microseconds, in which a reader takes its samples and asks for more: else the
most urgent stream would be passed by whenever it is being served."""

SEGMENT_GAP_SECONDS = 0.03
"""What lies between two segments of one listener: text becomes phonemes, and the cache is asked."""

log = logging.getLogger(__name__)


class Scheduler:
    """Serves tracks by their deadlines on one replaceable worker thread."""

    def __init__(
        self, unit_timeout_seconds: float = UNIT_TIMEOUT_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`clock` is that of the deadlines."""
        self._unit_seconds = unit_timeout_seconds
        self._clock = clock
        self._costs = UnitCosts()
        self._tracks: set[Job] = set()
        self._waiting: list[Job] = []
        self._running: Job | None = None
        self._purpose: Purpose = "speech"
        self._began_at = 0.0
        self._is_aside = False
        self._returning = math.inf
        """When somebody runs dry whose segment has just ended."""
        self._is_stuck = False
        self._worker = Worker()

    async def __aenter__(self) -> Scheduler:
        self._worker.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for track in [*self._waiting, *([self._running] if self._running else [])]:
            track.close()
        self._waiting.clear()
        self._worker.stop()
        await asyncio.to_thread(self._worker.join, self._unit_seconds)

    @property
    def is_idle(self) -> bool:
        """Nothing runs and nothing waits."""
        return self._running is None and not self._waiting

    @property
    def waiting_count(self) -> int:
        """How many tracks wait for their next unit."""
        return len(self._waiting)

    @property
    def running_unit_seconds(self) -> float:
        """How long the unit that runs has been running; 0 when none does."""
        return self._clock() - self._began_at if self._running else 0.0

    @property
    def is_stuck(self) -> bool:
        """Whether the last unit was given up, and none has come back since."""
        return self._is_stuck

    def current_purpose(self) -> Purpose:
        """Return what the unit that runs is for. May be called from any thread."""
        return self._purpose

    def active_count(self) -> int:
        """Return how many tracks that are not at their end have a listener who waits. May be called from any thread."""
        return sum(track.deadline < math.inf for track in tuple(self._tracks))

    def buffered_seconds(self) -> float | None:
        """Return how many seconds whoever is served now has left to play, None before a first sound.

        May be called from any thread.
        """
        track = self._running
        if track is None or not track.has_started:
            return None
        return max(0.0, track.deadline - self._clock())

    def create_job(self, steps: UnitIterator, urgency: Priority, ahead: Purpose = "warmup") -> Job:
        """Return a track that runs `steps` for somebody who runs dry at the deadline of `urgency`.

        `ahead` is what it is for while nobody listens.
        """
        track = Job(self, steps, urgency, ahead)
        self._tracks.add(track)
        return track

    async def run_in_background(self, steps: UnitIterator) -> None:
        """Do all the work of `steps`, a trial, behind everybody who is spoken to. Raises `SynthesisFailed`."""
        track = self.create_job(steps, IdlePriority(), "trial")
        try:
            while await track.next() is not None:
                pass
        finally:
            track.close()

    async def run_between_units(self, job: Callable[[], object]) -> None:
        """Do what takes no time to speak of between two units of work. Raises what `job` raises."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def report(result: Pcm | BaseException | None) -> None:
            loop.call_soon_threadsafe(_resolve, done, result)

        self._worker.submit(_doing(job), report)
        await done

    def enqueue(self, track: Job) -> asyncio.Future[Pcm | None]:
        """Ask for the next unit of `track`."""
        future: asyncio.Future[Pcm | None] = asyncio.get_running_loop().create_future()
        # A unit may fail when nobody waits for it any more.
        future.add_done_callback(_retrieve)
        track.pending = future
        if track.finished_units == 0 and track.has_started:
            self._returning = math.inf
        self._waiting.append(track)
        self._dispatch()
        return future

    def cancel(self, track: Job) -> None:
        """Close the synthesis of `track`, behind the unit that may be running."""
        self._tracks.discard(track)
        self._waiting = [waiting for waiting in self._waiting if waiting is not track]
        self._worker.submit(_closing(track.units), lambda _: None)

    def _dispatch(self) -> None:
        self._waiting = [track for track in self._waiting if track.pending and not track.pending.done()]
        if self._running is not None or self._is_aside or not self._waiting:
            return
        track = self._most_urgent()
        if track is None:
            return
        self._waiting.remove(track)
        self._running = track
        self._purpose, self._began_at = track.purpose, self._clock()
        self._run(track)

    def _most_urgent(self) -> Job | None:
        """Return who runs dry first, None for somebody who is about to ask.

        Who has heard nothing yet is passed by if anybody who listens would run dry meanwhile.
        """
        by_deadline: Callable[[Job], float] = attrgetter("deadline")
        chosen: Job | None = min(self._waiting, key=by_deadline)
        if chosen and not chosen.has_started:
            playing = min((track for track in self._waiting if track.has_started), key=by_deadline, default=None)
            dry_at = min(self._returning, playing.deadline if playing else math.inf)
            # Meanwhile each of them may come to the end of a segment, and the next one must be read.
            if (
                dry_at
                < self._clock() + self._costs.estimate(chosen.finished_units) + 2 * self._costs.seconds_until_audio()
            ):
                chosen = playing
        return chosen if chosen and chosen.deadline <= self._returning else None

    def _run(self, track: Job) -> None:
        loop = asyncio.get_running_loop()
        worker = self._worker
        alarm = UnitTimeout(self._unit_seconds, lambda: self._give_up(track, worker))

        def report(result: Pcm | BaseException | None) -> None:
            loop.call_soon_threadsafe(self._finished, track, worker, alarm, result)

        worker.submit(track.units, report)

    def _finished(self, track: Job, worker: Worker, alarm: UnitTimeout, result: Pcm | BaseException | None) -> None:
        alarm.cancel()
        if worker is not self._worker:
            return  # its unit was given up long ago
        self._running = None
        self._is_stuck = False
        if self._purpose != "trial" and isinstance(result, np.ndarray):
            self._costs.record(track.finished_units, self._clock() - self._began_at)
        track.finished_units += 1
        if isinstance(result, np.ndarray) and not len(result):
            self._waiting.append(track)  # a unit without sound: nobody need hear of it
            self._dispatch()
        else:
            if not isinstance(result, np.ndarray):
                self._end(track)
            track.resolve(result)
            self._dispatch_after(YIELD_STEPS)

    def _end(self, track: Job) -> None:
        self._tracks.discard(track)
        if track.has_started:
            self._returning = min(self._returning, track.deadline)
            asyncio.get_running_loop().call_later(SEGMENT_GAP_SECONDS, self._return, self._returning)

    def _return(self, deadline: float) -> None:
        if self._returning == deadline:
            self._returning = math.inf
            self._dispatch()

    def _dispatch_after(self, steps: int) -> None:
        """Let the reader who just got its samples ask for more before others are served."""
        self._is_aside = steps > 0
        if self._is_aside:
            asyncio.get_running_loop().call_soon(self._dispatch_after, steps - 1)
        else:
            self._dispatch()

    def _give_up(self, track: Job, worker: Worker) -> None:
        log.error("An inference did not return within %.0f s; its thread is replaced", self._unit_seconds)
        worker.stop()
        self._worker = Worker()
        self._worker.start()
        self._running = None
        self._is_stuck = True
        track.resolve(SynthesisFailed("the model did not answer in time; try again"))
        self._dispatch()


def _doing(job: Callable[[], object]) -> UnitIterator:
    job()
    yield from ()


def _resolve(done: asyncio.Future[None], result: Pcm | BaseException | None) -> None:
    if done.done():
        return
    if isinstance(result, BaseException):
        done.set_exception(result)
    else:
        done.set_result(None)


def _closing(steps: UnitIterator) -> UnitIterator:
    steps.close()
    yield from ()


def _retrieve(future: asyncio.Future[Pcm | None]) -> None:
    if not future.cancelled():
        future.exception()
