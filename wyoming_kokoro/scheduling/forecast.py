"""Predicts whether all streams stay in real time, and when waiting turns start.

A *turn* is the work for the text of one request that is known so far. A stream without text, or whose client does not
read, has no turn. `docs/scheduling.md` describes the rules.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from wyoming_kokoro.scheduling.costs import ASSUMED_RTF, USUAL_PHONEMES, UnitCosts
from wyoming_kokoro.scheduling.playback import Playback

# The cost of a turn may exceed its estimate by this. The measured RTF is that of the vocoder, nine tenths of the work.
RTF_MARGIN_RATIO = 1.3
# A text with more audio than this gives way between its sentences.
LONG_READING_SECONDS = 15.0
# A request does not depend on what other streams must do so long after its end.
DISTANT_SECONDS = 60.0
# The expected wait is computed in such steps of work.
FORECAST_STEP_SECONDS = 0.05
# Steps that are more than this far ahead grow with the distance.
FORECAST_HORIZON_SECONDS = 5.0


@dataclass(eq=False, slots=True)
class Turn:
    """The known work of one request. Seconds are durations, or times of the clock where the name ends in `_at`."""

    playback: Playback
    content: Hashable
    text_seconds: float
    """Work before the first audio."""
    text_ratio: float
    """Work for the text of further segments, for each second of audio."""
    work_ratio: float
    """The seconds that the model makes for each second of audio."""
    audio_seconds: float
    """Audio of all known text."""
    segment_seconds: float
    """Audio of `content`."""
    turn_seconds: float
    """Audio until a long reading gives way."""
    arrived_at: float
    latest_start_at: float
    """The end of the client's patience."""
    has_precedence: bool
    """Whether the stream plays. It starts before all requests that do not."""
    audio_before: float
    """Audio of the request before the turn."""
    started: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def text_left(self) -> float:
        """Work that the turn needs before its next audio."""
        return self.text_seconds if self.playback.audio_seconds == self.audio_before else 0.0

    @property
    def audio_made(self) -> float:
        """Audio of the started turn."""
        return self.playback.audio_seconds - self.audio_before


@dataclass(frozen=True, slots=True)
class Demand:
    """When the work of a turn is due, in seconds from now: the text first, then audio at the speed of playback."""

    begin: float
    text_seconds: float
    audio_seconds: float
    rtf: float

    @property
    def end(self) -> float:
        """The moment at which all work is due."""
        return self.begin + self.audio_seconds

    @property
    def work_seconds(self) -> float:
        """All work."""
        return self.text_seconds + self.rtf * self.audio_seconds

    def after(self, seconds: float) -> Demand:
        """Return what is left after so much work."""
        text_seconds = max(0.0, self.text_seconds - seconds)
        audio_seconds = (seconds - self.text_seconds + text_seconds) / self.rtf
        return Demand(self.begin + audio_seconds, text_seconds, self.audio_seconds - audio_seconds, self.rtf)

    def until(self, seconds: float) -> float:
        """Return the work that is due until then."""
        audio_seconds = min(seconds - self.begin, self.audio_seconds)
        return self.text_seconds + self.rtf * audio_seconds if audio_seconds >= 0 else 0.0


class Forecast:
    """Predicts when turns start, from when their work is due."""

    def __init__(self, costs: UnitCosts) -> None:
        """`costs` are those of the full model."""
        self._costs = costs
        self.max_streams = 0
        """The setting; 0 for as many as stay in real time."""

    @property
    def is_slow(self) -> bool:
        """Whether the machine cannot synthesize even one stream in real time."""
        return self._margin * self._mean_rtf > 1

    @property
    def max_turns(self) -> int | None:
        """How many turns run at the same time; None for as many as stay in real time."""
        return self.max_streams or (1 if self.is_slow else None)

    def demand(self, turn: Turn, start: float = 0.0, *, is_now: bool = False) -> Demand:
        """Return when the work is due that is left of `turn`, which starts or started in `start` seconds."""
        playback, text = turn.playback, turn.text_left
        audio = (turn.turn_seconds if self.max_turns else turn.audio_seconds) - turn.audio_made
        if is_now and not playback.is_text_complete:
            # More text may come at any moment. A prediction assumes that it does not.
            audio = max(audio, LONG_READING_SECONDS - playback.audio_seconds)
        begin = max(start + self._margin * text, playback.buffered_seconds)
        return Demand(begin, text, max(audio, 0.0), self._mean_rtf * turn.work_ratio + turn.text_ratio)

    def fits(self, turn: Turn, running: Mapping[Hashable, Turn]) -> bool:
        """Return whether `turn` can start now beside `running`, one turn for each content."""
        demands = {content: self.demand(other, is_now=True) for content, other in running.items()}
        return self._is_feasible(demands, self.demand(turn), 0.0)

    def wait_seconds(self, waiting: Sequence[Turn], running: Mapping[Hashable, Turn]) -> Sequence[float]:
        """Return the seconds until each of `waiting` starts, in this order after `running`."""
        now, starts = 0.0, list[float]()
        demands = {content: self.demand(turn) for content, turn in running.items()}
        for turn in waiting:
            new = self.demand(turn, now)
            while turn.content not in demands and not self._is_feasible(demands, new, now):
                content = min(demands, key=lambda content: demands[content].begin)
                longest_step = FORECAST_STEP_SECONDS * max(1.0, now / FORECAST_HORIZON_SECONDS)
                step = min(longest_step, demands[content].work_seconds)
                now += step
                demands[content] = demands[content].after(step)
                if demands[content].work_seconds < 1e-9:
                    del demands[content]
                new = self.demand(turn, now)
            starts.append(now)
            demands.setdefault(turn.content, new)
        return starts

    def _is_feasible(self, running: Mapping[Hashable, Demand], new: Demand, start: float) -> bool:
        """Return whether all streams stay in real time if `new` starts in `start` seconds beside `running`.

        The streams run earliest deadline first. So they stay in real time if at each moment, all work that is due until
        then takes no longer. It is enough to check the moments at which the due work grows faster or ends.
        """
        if not running or self.max_turns:
            return len(running) < (self.max_turns or 1)
        others = [*running.values()]
        demands = [*others, new]
        # All of them may begin a sentence at the same time, whose text comes before its audio.
        delays = [self._costs.text_seconds(USUAL_PHONEMES) * len(running)] * len(running) + [0.0]

        def is_in_time(streams: Sequence[Demand], moment: float, delay: float) -> bool:
            return delay + sum(demand.until(moment) for demand in streams) <= (moment - start) / self._margin + 1e-9

        return all(
            is_in_time(demands, moment, delay)
            # Streams whose text has grown may be late in the end without `new`. They keep out no request that ends
            # long before.
            or (moment > new.end + DISTANT_SECONDS and not is_in_time(others, moment, delay))
            for demand, delay in zip(demands, delays, strict=True)
            for moment in (demand.begin, demand.end)
        )

    @property
    def _mean_rtf(self) -> float:
        return self._costs.rtf or ASSUMED_RTF

    @property
    def _margin(self) -> float:
        """The ratio by which work may take longer than expected."""
        slow_phase_ratio = self._costs.peak_rtf / self._costs.rtf if self._costs.rtf else 1.0
        return RTF_MARGIN_RATIO * max(1.0, slow_phase_ratio)
