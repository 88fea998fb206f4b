"""Decides when a request may use the full model, and in which order requests wait for it.

`docs/scheduling.md` describes the rules.
"""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left
from collections.abc import AsyncIterator, Callable, Hashable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace

from wyoming_kokoro._compat import timeout
from wyoming_kokoro.errors import Overloaded
from wyoming_kokoro.scheduling.costs import USUAL_PHONEMES, UnitCosts
from wyoming_kokoro.scheduling.forecast import LONG_READING_SECONDS, RTF_MARGIN_RATIO, Forecast, Turn
from wyoming_kokoro.scheduling.playback import Playback

# The mean of six voices. af_nicole, who whispers, has 0.084, the others 0.051 to 0.059.
SECONDS_PER_PHONEME = 0.06
# Waiting requests are checked this often, and at once when a turn ends.
POLL_INTERVAL_SECONDS = 0.02
# More requests are refused. To find the place of one of 200 takes at most 0.12 s of one core.
MAX_WAITING_TURNS = 200


@dataclass(frozen=True, slots=True)
class PendingText:
    """The next text of a request."""

    content: Hashable
    """Requests with the same content share one synthesis."""
    phonemes: int
    """The number in `content`."""
    known_phonemes: int
    """The number in all text of the request that is known and not spoken."""
    speed: float = 1.0
    model_speed: float = 1.0
    """The speed of the model, whose audio is stretched to `speed`."""
    is_timed: bool = False
    """Whether the text is processed twice, for the times of its words."""

    @property
    def work_ratio(self) -> float:
        """The seconds that the model makes for each second of audio."""
        return self.speed / self.model_speed


class AdmissionControl:
    """Starts as many turns as the machine can synthesize in real time. The others wait, the shortest first."""

    def __init__(self, costs: UnitCosts, clock: Callable[[], float] = time.monotonic) -> None:
        """`costs` are those of the full model."""
        self.max_wait_seconds = 10.0
        self._costs = costs
        self._forecast = Forecast(costs)
        self._clock = clock
        self._running: dict[Playback, Turn] = {}
        self._waiting: list[Turn] = []

    def set_limits(self, max_streams: int, max_wait_seconds: float) -> None:
        """Set how many turns run at the same time, 0 for as many as stay in real time, and how long others wait."""
        self._forecast.max_streams, self.max_wait_seconds = max_streams, max_wait_seconds

    @property
    def rtf(self) -> float:
        """The measured RTF of the full model in slow phases; 0 before it is known."""
        return self._costs.peak_rtf

    @property
    def in_use(self) -> int:
        """The number of different contents in synthesis."""
        return len(self._contents())

    @property
    def waiting_count(self) -> int:
        """The number of requests that wait."""
        return len(self._waiting)

    def can_start(self, playback: Playback, text: PendingText) -> bool:
        """Return whether `playback` could start `text` now, so that all streams stay in real time."""
        turn = self._turn(playback, text)
        return self._needs_no_place(turn) or (not self._waiting and self._forecast.fits(turn, self._contents()))

    def fits_in_real_time(self, playback: Playback, text: PendingText) -> bool:
        """Return whether this machine was measured, and can serve `text` for long beside all other streams.

        Unlike `can_start`, this is False for the first stream of a machine that is slower than real time.
        """
        ratios = {content: turn.work_ratio for content, turn in self._contents().items()}
        load = RTF_MARGIN_RATIO * self.rtf * sum({**ratios, text.content: text.work_ratio}.values())
        return 0 < load <= 1 and self.can_start(playback, text)

    async def enter(self, playback: Playback, text: PendingText) -> None:
        """Wait until `playback` may synthesize `text`.

        Raises `Overloaded` at once if a request without audio is expected to wait too long.
        """
        await self._wait(self.request(playback, text))

    async def resume(self, playback: Playback) -> None:
        """Note that the client has taken its audio. If it did not read for a while, wait for a place again."""
        was_blocked = playback.is_blocked
        playback.end_sending()
        turn = self._running.get(playback)
        if was_blocked and turn:
            del self._running[playback]
            again = replace(
                turn,
                audio_seconds=max(0.0, turn.audio_seconds - turn.audio_made),
                turn_seconds=max(0.0, turn.turn_seconds - turn.audio_made),
                audio_before=playback.audio_seconds,
                arrived_at=self._clock(),
                has_precedence=True,
                started=asyncio.Event(),
            )
            self._insert(again)
            self.start_waiting()
            await self._wait(again)

    @contextmanager
    def place(self, playback: Playback) -> Iterator[None]:
        """Release the place of `playback`, if it has one, at the end of the block."""
        try:
            yield
        finally:
            self.release(playback)

    @asynccontextmanager
    async def borrowed_place(self, playback: Playback, text: PendingText) -> AsyncIterator[None]:
        """Hold a place for `text` during the block. A stream that has a place uses and keeps it."""
        if playback in self._running:
            yield
            return
        await self.enter(playback, text)
        with self.place(playback):
            yield

    def release(self, playback: Playback) -> None:
        """End the turn of `playback`, if it has one: its text is spoken, or more text does not come."""
        if self._running.pop(playback, None):
            self.start_waiting()

    def request(self, playback: Playback, text: PendingText) -> Turn:
        """Return a turn that has started or waits. Raises `Overloaded`, as `enter` does."""
        turn = self._turn(playback, text)
        if self._must_give_way(turn):
            del self._running[playback]
            turn.has_precedence = False
            if not self._forecast.is_slow:
                turn.latest_start_at = turn.arrived_at + playback.buffered_seconds
        if self._needs_no_place(turn):
            self._start(turn)
            return turn
        if not playback.has_started and len(self._waiting) >= MAX_WAITING_TURNS:
            raise Overloaded(f"at capacity: {MAX_WAITING_TURNS} requests wait already; try again later")
        self._insert(turn)
        self.start_waiting()
        if not playback.has_started and (wait_seconds := self.expected_wait(turn)) > self.max_wait_seconds:
            self._waiting.remove(turn)
            limit = f"max_wait_seconds ({self.max_wait_seconds:g})"
            raise Overloaded(f"at capacity: expected wait {wait_seconds:.1f} s exceeds {limit}; try again later")
        return turn

    def expected_wait(self, turn: Turn) -> float:
        """Return the seconds until `turn` starts, if no other request comes."""
        return self._predict_waits(self._waiting)[self._waiting.index(turn)] if turn in self._waiting else 0.0

    def next_wait_seconds(self) -> float:
        """Return the expected wait of a usual request after all that wait now."""
        turn = self._turn(Playback(self._clock), PendingText(object(), USUAL_PHONEMES, USUAL_PHONEMES))
        return self._predict_waits([*self._waiting, turn])[-1]

    def start_waiting(self) -> None:
        """Start the turns that have a place now."""
        while self._waiting:
            content = self._waiting[0].content
            if not self._forecast.fits(self._waiting[0], self._contents()):
                return
            for turn in [turn for turn in self._waiting if turn.content == content]:
                self._waiting.remove(turn)
                self._start(turn)

    async def _wait(self, turn: Turn) -> None:
        try:
            while not turn.started.is_set():
                with suppress(asyncio.TimeoutError):
                    async with timeout(POLL_INTERVAL_SECONDS):
                        await turn.started.wait()
                if turn in self._waiting[:1]:  # one of them is enough
                    self.start_waiting()
        finally:
            if turn in self._waiting:
                self._waiting.remove(turn)

    def _start(self, turn: Turn) -> None:
        self._running[turn.playback] = turn
        turn.playback.add_wait(self._clock() - turn.arrived_at)
        turn.started.set()

    def _turn(self, playback: Playback, text: PendingText) -> Turn:
        now, text_seconds = self._clock(), self._costs.text_seconds(text.phonemes)
        segment_seconds, known_seconds = (
            SECONDS_PER_PHONEME * count / text.speed for count in (text.phonemes, text.known_phonemes)
        )
        all_text_seconds = self._costs.text_seconds(text.known_phonemes) * (2 if text.is_timed else 1)
        return Turn(
            playback,
            text.content,
            text_seconds=text_seconds,
            text_ratio=(all_text_seconds - text_seconds) / known_seconds,
            work_ratio=text.work_ratio,
            audio_seconds=known_seconds,
            segment_seconds=segment_seconds,
            turn_seconds=max(segment_seconds, min(known_seconds, LONG_READING_SECONDS - playback.audio_seconds)),
            arrived_at=now,
            latest_start_at=now + self.max_wait_seconds,
            has_precedence=playback.has_started,
            audio_before=playback.audio_seconds,
        )

    def _contents(self) -> dict[Hashable, Turn]:
        """Return the running turns of clients that read, one for each content."""
        return {turn.content: turn for playback, turn in self._running.items() if not playback.is_blocked}

    def _needs_no_place(self, turn: Turn) -> bool:
        """Return whether the stream of `turn` runs already, or shares the synthesis of a running one."""
        return turn.playback in self._running or turn.content in self._contents()

    def _must_give_way(self, turn: Turn) -> bool:
        """Return whether a long reading leaves its place to a waiting request before its next sentence.

        Where many turns run at once, this is not necessary: a long reading is made faster than it plays, which soon
        leaves time for other turns.
        """
        playback = turn.playback
        is_long = playback in self._running and turn.audio_before + turn.segment_seconds > LONG_READING_SECONDS
        return is_long and bool(self._waiting) and self._forecast.max_turns is not None

    def _insert(self, turn: Turn) -> None:
        """Add `turn` to the waiting turns.

        Streams that play come first. Then the shortest turns come first, unless an earlier request would have to wait
        for too long.
        """
        waiting, now = self._waiting, self._clock()
        if turn.has_precedence:
            urgent = [other for other in waiting if other.has_precedence]
            index = sum(other.playback.deadline <= turn.playback.deadline for other in urgent)
            waiting.insert(index, turn)
            return
        before = self._predict_waits(waiting)
        ranks = [self._rank(other, [*waiting, turn]) for other in [*waiting, turn]]
        index = sum(other.has_precedence or rank <= ranks[-1] for other, rank in zip(waiting, ranks, strict=False))
        latest = [self._latest_start(*item, turn, ranks[-1]) - now for item in zip(waiting, ranks, strict=False)]

        def delays_no_other(index: int) -> bool:
            starts = self._predict_waits([*waiting[:index], turn, *waiting[index:]])
            behind = zip(starts[index + 1 :], before[index:], latest[index:], strict=True)
            # A request that must wait very long, because running streams got more text, keeps out no shorter one.
            late = 2 * self.max_wait_seconds
            return all(after <= max(earlier, limit) or earlier > late for after, earlier, limit in behind)

        # The later a place is, the fewer requests it delays. The last place delays none.
        indices = range(index, len(waiting))
        waiting.insert(index + bisect_left(indices, True, key=delays_no_other), turn)

    def _latest_start(self, other: Turn, rank: float, new: Turn, new_rank: float) -> float:
        """Return until when `other` may be delayed by `new`.

        A request that waits for others of its client may wait twice as long, so that they do not keep out a client
        with fewer requests.
        """
        is_crowded = other.playback.client != new.playback.client and rank > max(other.audio_seconds, new_rank)
        return other.latest_start_at + (self.max_wait_seconds if is_crowded else 0.0)

    def _rank(self, turn: Turn, waiting: Sequence[Turn]) -> float:
        """Return the audio after which it is the turn of a request: its own, and that of shorter ones of its client."""
        client, own = turn.playback.client, turn.audio_seconds
        running = [
            self._forecast.demand(other).audio_seconds
            for playback, other in self._running.items()
            if playback.client == client
        ]
        shorter = [
            other.audio_seconds for other in waiting if other.playback.client == client and other.audio_seconds <= own
        ]
        return sum(running) + sum(shorter)

    def _predict_waits(self, order: Sequence[Turn]) -> Sequence[float]:
        """Return the seconds until each turn starts, if the waiting turns start in this `order`."""
        return self._forecast.wait_seconds(order, self._contents())
