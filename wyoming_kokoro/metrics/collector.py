"""Counts what is observed, once."""

from __future__ import annotations

import bisect
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

from wyoming_kokoro.api.metrics import (
    MAX_RECENT_REQUESTS,
    Histogram,
    InferenceTotals,
    Metrics,
    ProviderSwitchCount,
    RecentRequest,
    RequestCount,
    SpeechTotals,
)
from wyoming_kokoro.api.observations import (
    AcceleratorShare,
    Inference,
    Level,
    MemoryPressureChanged,
    Observation,
    Outcome,
    ProviderSwitched,
    Purpose,
    RequestFinished,
    SegmentFinished,
)

TTFA_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0)
"""The bounds for TTFA: what is kept begins within milliseconds, what is made within tenths of a second."""
RTF_BOUNDS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.5, 2.0, 4.0)
"""The bounds for the real-time factor: above 1 speech is not made as fast as it plays."""
VOCODER = "vocoder"

MAX_VOICES = 100
"""There is no end of blends that a client may ask for; those beyond are counted together."""
OTHER_VOICES = "others"


class MetricsCollector:
    """Takes note of observations, on the event loop; keeps nothing of what was said, and does not grow."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        """`clock` tells the Unix time."""
        self._clock = clock
        self._since = clock()
        self._requests: Counter[tuple[Outcome, str]] = Counter()
        self._first = {False: _Buckets(TTFA_BOUNDS), True: _Buckets(TTFA_BOUNDS)}
        self._rtf = _Buckets(RTF_BOUNDS)
        self._voices: defaultdict[str, _Speech] = defaultdict(_Speech)
        self._runs: defaultdict[tuple[str, str, Purpose], _Work] = defaultdict(_Work)
        self._switches: Counter[tuple[str, str, str]] = Counter()
        self._accelerators: dict[tuple[str, int, str], AcceleratorShare] = {}
        self._level: Level = "normal"
        self._level_reason = ""
        self._level_changes = self._freed = 0
        self._recent: deque[RecentRequest] = deque(maxlen=MAX_RECENT_REQUESTS)

    def observe(self, observation: Observation) -> None:
        """Count `observation`."""
        match observation:
            case SegmentFinished():
                self._segment(observation)
            case RequestFinished():
                self._request(observation)
            case Inference():
                self._runs[observation.stage, observation.provider, observation.purpose].add(observation)
            case ProviderSwitched(stage, _, before, after):
                self._switches[stage, before, after] += 1
            case AcceleratorShare(stage, window, provider):
                self._accelerators[stage, window, provider] = observation
            case MemoryPressureChanged():
                self._pressure(observation)

    @property
    def metrics(self) -> Metrics:
        """What was counted until now."""
        return Metrics(
            started_at=self._since,
            first_audio_uncached=self._first[False].frozen(),
            first_audio_cached=self._first[True].frozen(),
            rtf=self._rtf.frozen(),
            requests=tuple(RequestCount(*how, count) for how, count in sorted(self._requests.items())),
            voices={voice: speech.frozen() for voice, speech in sorted(self._voices.items())},
            inferences=tuple(work.frozen(*key) for key, work in sorted(self._runs.items())),
            provider_switches=tuple(
                ProviderSwitchCount(*which, count) for which, count in sorted(self._switches.items())
            ),
            accelerator_shares=tuple(share for _, share in sorted(self._accelerators.items())),
            memory_level=self._level,
            memory_level_reason=self._level_reason,
            memory_level_changes=self._level_changes,
            freed_bytes=self._freed,
            recent_requests=tuple(self._recent),
        )

    def _segment(self, spoken: SegmentFinished) -> None:
        known = spoken.voice in self._voices or len(self._voices) < MAX_VOICES
        self._voices[spoken.voice if known else OTHER_VOICES].add(spoken)
        if spoken.work_seconds and spoken.seconds:
            self._rtf.add(spoken.work_seconds / spoken.seconds)

    def _request(self, ended: RequestFinished) -> None:
        self._requests[ended.outcome, ended.code] += 1
        if ended.first_seconds is not None:
            self._first[ended.cached].add(ended.first_seconds)
        ran = ended.work_seconds and ended.audio_seconds
        self._recent.append(
            RecentRequest(
                ended_at=self._clock(),
                voice=ended.voice,
                outcome=ended.outcome,
                code=ended.code,
                first_seconds=ended.first_seconds,
                seconds=ended.seconds,
                audio_seconds=ended.audio_seconds,
                rtf=ended.work_seconds / ended.audio_seconds if ran else None,
                cached=ended.cached,
            )
        )

    def _pressure(self, changed: MemoryPressureChanged) -> None:
        self._level_changes += changed.before != changed.after
        self._level, self._level_reason = changed.after, changed.reason
        self._freed += changed.freed_bytes


class _Buckets:
    """A histogram that grows."""

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def add(self, value: float) -> None:
        """Count `value`, which is in the first bucket whose bound it does not exceed."""
        self._counts[bisect.bisect_left(self._bounds, value)] += 1
        self._sum += value

    def frozen(self) -> Histogram:
        return Histogram(self._bounds, tuple(self._counts), self._sum)


@dataclass(slots=True)
class _Speech:
    """What one voice spoke."""

    segments: int = 0
    cached: int = 0
    seconds: float = 0.0
    cached_seconds: float = 0.0

    def add(self, spoken: SegmentFinished) -> None:
        self.segments += 1
        self.seconds += spoken.seconds
        if spoken.cached:
            self.cached += 1
            self.cached_seconds += spoken.seconds

    def frozen(self) -> SpeechTotals:
        return SpeechTotals(self.segments, self.cached, self.seconds, self.cached_seconds)


@dataclass(slots=True)
class _Work:
    """What one provider did of one stage."""

    count: int = 0
    failures: int = 0
    seconds: float = 0.0
    frames: int = 0

    def add(self, inference: Inference) -> None:
        self.count += 1
        if inference.seconds is None:
            self.failures += 1
        else:
            self.seconds += inference.seconds
            self.frames += inference.window if inference.stage == VOCODER else 0

    def frozen(self, stage: str, provider: str, purpose: Purpose) -> InferenceTotals:
        return InferenceTotals(stage, provider, purpose, self.count, self.failures, self.seconds, self.frames)
