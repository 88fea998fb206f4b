"""Simulate thousands of requests at random times, on the real admission classes and a clock that a simulation sets.

    python -m tools.simulate.admission [--requests N] [--rtf RTF] [--load LOAD] [--noise RATIO] [--clients N]

Prints the mean wait against that of an ideal shortest-first order, which knows all work exactly, the longest wait,
gaps, and how many refused requests would have been served in time, and by how much. A machine that is slower than real
time always has gaps. The exit code is 1 if a goal is not met.
"""

from __future__ import annotations

import argparse
import copy
import heapq
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from statistics import mean

from wyoming_kokoro.config import ServerConfig
from wyoming_kokoro.errors import Overloaded
from wyoming_kokoro.scheduling.admission import SECONDS_PER_PHONEME, AdmissionControl, PendingText
from wyoming_kokoro.scheduling.costs import SAFETY_RATIO, MeasuredCosts, UnitCosts
from wyoming_kokoro.scheduling.forecast import RTF_MARGIN_RATIO, Turn
from wyoming_kokoro.scheduling.playback import Playback
from wyoming_kokoro.terminal import format_table

WINDOW_SECONDS = 0.2
SENTENCE_SECONDS = 5.0
# Prosody and decoder on two cores.
PHONEME_COST = 0.002
# The buffer of a player hides a shorter gap.
MAX_GAP_SECONDS = 0.02
MAX_WAIT_RATIO = 1.2
# The forecast of a refused request may be wrong by this much.
MAX_FORECAST_ERROR_SECONDS = 1.0
DEFAULT_MAX_WAIT_SECONDS = ServerConfig().max_wait_seconds


@dataclass(frozen=True, slots=True)
class SimulatedRequest:
    """One request of `client`, and the seconds of speech of its text."""

    number: int
    at: float
    client: str
    speech_seconds: float


@dataclass(slots=True)
class SimulatedStream:
    """A request in progress: its sentences are synthesized one after the other."""

    request: SimulatedRequest
    playback: Playback
    speech_left: float
    turn: Turn
    segment_left: float = 0.0
    text_units: int = 0


@dataclass(slots=True)
class Outcomes:
    """What became of the requests, by their numbers."""

    waits: dict[int, float] = field(default_factory=dict)
    first_audio: dict[int, float] = field(default_factory=dict)
    """Seconds from each request to its first audio."""
    gap_seconds: float = 0.0
    refused: list[float] = field(default_factory=list)
    """The expected wait of each refused request."""
    wrongly_refused: list[float] = field(default_factory=list)
    """The wait of each refused request that would have been served in time, if no other had come after it."""

    @property
    def forecast_error_seconds(self) -> float:
        """How much earlier than `max_wait_seconds` a refused request would have been served, at most."""
        return max((DEFAULT_MAX_WAIT_SECONDS - wait for wait in self.wrongly_refused), default=0.0)


class SimulatedMachine:
    """Runs units of work for all streams with a place, the earliest deadline first, as the scheduler does."""

    def __init__(
        self,
        rtf: float,
        noise: float,
        seed: int = 0,
        max_wait_seconds: float = DEFAULT_MAX_WAIT_SECONDS,
        phoneme_cost: float = PHONEME_COST,
    ) -> None:
        """Each unit takes up to `noise` times longer or shorter than expected."""
        self.now = 0.0
        self.outcomes = Outcomes()
        self._rtf = rtf
        self._noise = noise
        self._phoneme_cost = phoneme_cost
        self._random = Random(seed)
        self._costs = costs = UnitCosts(clock=self.clock)
        units = [phoneme_cost / 2, phoneme_cost / 2, rtf * WINDOW_SECONDS, rtf * WINDOW_SECONDS]
        costs.measured = MeasuredCosts(units, rtf, rtf, 0.0, speech_seconds=60.0)
        self._admission = AdmissionControl(costs, self.clock)
        self._admission.set_limits(0, max_wait_seconds)
        self._max_wait_seconds = max_wait_seconds
        self._streams: list[SimulatedStream] = []

    def clock(self) -> float:
        """Return the simulated time."""
        return self.now

    @property
    def active_count(self) -> int:
        """The number of unfinished requests."""
        return len(self._streams)

    def run(self, requests: Sequence[SimulatedRequest], *, counterfactuals: bool = True) -> Outcomes:
        """Serve all `requests`. With `counterfactuals`, find out what would have become of the refused ones."""
        for request in requests:
            self.run_until(request.at)
            if not self.arrive(request) and counterfactuals:
                wait = copy.deepcopy(self)._wait_if_accepted(request)
                if wait <= self._max_wait_seconds:
                    self.outcomes.wrongly_refused.append(wait)
        self.run_until(float("inf"))
        return self.outcomes

    def _wait_if_accepted(self, request: SimulatedRequest) -> float:
        self._admission.set_limits(0, float("inf"))
        self.arrive(request)
        while request.number not in self.outcomes.waits:
            self._run_unit()
        return self.outcomes.waits[request.number]

    def arrive(self, request: SimulatedRequest) -> bool:
        """Admit `request` now, or refuse it and return False."""
        playback = Playback(self.clock, client=request.client)
        playback.is_text_complete = True
        try:
            turn = self._request(playback, request, request.speech_seconds)
        except Overloaded as error:
            self.outcomes.refused.append(float(str(error).split()[4]))
            return False
        self._streams.append(SimulatedStream(request, playback, request.speech_seconds, turn))
        return True

    def _request(self, playback: Playback, request: SimulatedRequest, speech_left: float) -> Turn:
        def phonemes(seconds: float) -> int:
            return max(1, round(seconds / SECONDS_PER_PHONEME))

        segment = phonemes(min(SENTENCE_SECONDS, speech_left))
        text = PendingText((request.number, speech_left), segment, phonemes(speech_left))
        return self._admission.request(playback, text)

    def run_until(self, moment: float) -> None:
        """Run units until `moment`, or until nothing is left to do."""
        while self._streams and self.now < moment:
            self._run_unit()
        self.now = max(self.now, moment) if moment < float("inf") else self.now

    def _run_unit(self) -> None:
        for stream in self._streams:
            if stream.turn.started.is_set() and not stream.playback.has_started:
                self.outcomes.waits.setdefault(stream.request.number, self.now - stream.request.at)
        ready = [stream for stream in self._streams if stream.turn.started.is_set()]
        started = [stream for stream in ready if stream.playback.has_started]
        stream = self._most_urgent(ready)
        if started and not stream.playback.has_started:
            # As in `Scheduler._next_job`.
            until_audio = SAFETY_RATIO * self._costs.seconds_until_audio()
            urgent = self._most_urgent(started)
            stream = urgent if urgent.playback.deadline < self.now + 2 * until_audio else stream
        if not stream.segment_left:
            stream.segment_left = min(SENTENCE_SECONDS, stream.speech_left)
            stream.text_units = 2
        if stream.text_units:
            self.now += self._phoneme_cost / 2 * self._factor() * stream.segment_left / SECONDS_PER_PHONEME
            stream.text_units -= 1
            return
        seconds = min(WINDOW_SECONDS, stream.segment_left)
        self.now += self._rtf * seconds * self._factor()
        if stream.playback.has_started:
            gap_seconds = self.now - stream.playback.deadline
            self.outcomes.gap_seconds += gap_seconds if gap_seconds > MAX_GAP_SECONDS else 0.0
        self.outcomes.first_audio.setdefault(stream.request.number, self.now - stream.request.at)
        stream.playback.add_audio(seconds)
        stream.playback.end_sending()
        stream.segment_left = max(0.0, round(stream.segment_left - seconds, 9))
        stream.speech_left = max(0.0, round(stream.speech_left - seconds, 9))
        if not stream.speech_left:
            self._streams.remove(stream)
            self._admission.release(stream.playback)
        elif not stream.segment_left:
            stream.turn = self._request(stream.playback, stream.request, stream.speech_left)
        self._admission.start_waiting()

    @staticmethod
    def _most_urgent(streams: Sequence[SimulatedStream]) -> SimulatedStream:
        return min(streams, key=lambda stream: stream.playback.deadline)

    def _factor(self) -> float:
        return 1.0 + self._random.uniform(-self._noise, self._noise)


def random_requests(count: int, rtf: float, load: float, seed: int = 0, clients: int = 1) -> list[SimulatedRequest]:
    """Return requests at random times that need `load` of the machine: mostly short ones, and some long readings."""
    random = Random(seed)
    lengths = [
        random.uniform(0.7, 4.0) if random.random() < 0.8 else min(60.0, random.expovariate(0.1) + 4.0)
        for _ in range(count)
    ]
    interval = mean(work_seconds(length, rtf) for length in lengths) / load
    requests, at = [], 0.0
    for number, length in enumerate(lengths):
        at += random.expovariate(1 / interval)
        requests.append(SimulatedRequest(number, at, f"client {random.randrange(clients)}", length))
    return requests


def work_seconds(speech_seconds: float, rtf: float) -> float:
    """Return the work for a text."""
    return (rtf + PHONEME_COST / SECONDS_PER_PHONEME) * speech_seconds


def ideal_waits(requests: Sequence[SimulatedRequest], rtf: float) -> list[float]:
    """Return the waits of a machine that serves one request after the other, always the shortest that waits."""
    waits, waiting, now, index = [], list[tuple[float, int, float]](), 0.0, 0
    while index < len(requests) or waiting:
        if not waiting:
            now = max(now, requests[index].at)
        while index < len(requests) and requests[index].at <= now:
            request = requests[index]
            heapq.heappush(waiting, (work_seconds(request.speech_seconds, rtf), request.number, request.at))
            index += 1
        work, _, at = heapq.heappop(waiting)
        waits.append(now - at)
        now += work
    return waits


def main() -> int:
    """Simulate, print a table and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=10_000, metavar="N", help="default: 10000")
    parser.add_argument("--rtf", type=float, action="append", help="default: 0.2, 0.5 and 1.5")
    parser.add_argument("--load", type=float, action="append", help="1 is all that the machine can do; default: 0.7, 1")
    parser.add_argument("--noise", type=float, default=0.0, help="how much longer a unit may take; default: 0")
    parser.add_argument("--clients", type=int, default=1, metavar="N", help="addresses; default: 1, Home Assistant")
    options = parser.parse_args()
    rows, passed = [], True
    for rtf in options.rtf or (0.2, 0.5, 1.5):
        for load in options.load or (0.7, 1.0):
            requests = random_requests(options.requests, rtf, load, clients=options.clients)
            outcomes = SimulatedMachine(rtf, options.noise).run(requests)
            accepted = [request for request in requests if request.number in outcomes.waits]
            waits, ideal = mean(outcomes.waits.values()), mean(ideal_waits(accepted, rtf))
            has_gap = outcomes.gap_seconds > 0 and rtf * RTF_MARGIN_RATIO <= 1
            passed &= waits <= MAX_WAIT_RATIO * ideal and not has_gap
            passed &= outcomes.forecast_error_seconds <= MAX_FORECAST_ERROR_SECONDS
            rows.append(
                [
                    f"{rtf:g}",
                    f"{load:g}",
                    f"{waits:.3f}",
                    f"{ideal:.3f}",
                    f"{max(outcomes.waits.values()):.2f}",
                    f"{outcomes.gap_seconds:.2f}",
                    str(len(outcomes.refused)),
                    str(len(outcomes.wrongly_refused)),
                    f"{outcomes.forecast_error_seconds:.2f}",
                ]
            )
    head = ("RTF", "load", "mean wait, s", "ideal, s", "longest, s", "gaps, s", "refused", "in time", "by, s")
    print(format_table(head, rows))
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
