"""Counts observations."""

from __future__ import annotations

import bisect
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import replace

from wyoming_kokoro.api.metrics import (
    MAX_RECENT_REQUESTS,
    Histogram,
    InferenceTotals,
    Metrics,
    ProviderSwitchCount,
    RecentRequest,
    RejectionCount,
    RequestCount,
    SelectionTotals,
    SpeechTotals,
)
from wyoming_kokoro.api.observations import (
    AcceleratorShare,
    ConnectionRejected,
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
from wyoming_kokoro.api.speech_models import Quality, SelectionReason

TTFA_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds in seconds. Cached speech starts within milliseconds, synthesized speech within tenths of a second."""
RTF_BOUNDS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.5, 2.0, 4.0)
"""Upper bounds. Above 1, synthesis is slower than playback."""
WAIT_BOUNDS = (0.0, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0)
"""Upper bounds in seconds. Most requests do not wait."""
VOCODER = "vocoder"

# Clients may request any number of blends. Further voices are counted together as `OTHER_VOICES`.
MAX_VOICES = 100
OTHER_VOICES = "others"


class MetricsCollector:
    """Counts observations, on the event loop. It stores no spoken text, and its size is limited."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        """`clock` returns the Unix time."""
        self._clock = clock
        self._since = clock()
        self._requests: Counter[tuple[Outcome, str]] = Counter()
        self._rejections: Counter[tuple[str, str]] = Counter()
        self._first_audio = {False: _HistogramCounter(TTFA_BOUNDS), True: _HistogramCounter(TTFA_BOUNDS)}
        self._rtf = _HistogramCounter(RTF_BOUNDS)
        self._wait = _HistogramCounter(WAIT_BOUNDS)
        self._voices: defaultdict[str, SpeechTotals] = defaultdict(SpeechTotals)
        self._selections: dict[tuple[Quality, SelectionReason], SelectionTotals] = {}
        self._inferences: dict[tuple[str, str, Purpose], InferenceTotals] = {}
        self._switches: Counter[tuple[str, str, str]] = Counter()
        self._accelerator_shares: dict[tuple[str, int, str], AcceleratorShare] = {}
        self._level: Level = "normal"
        self._level_reason = ""
        self._level_changes = self._freed_bytes = 0
        self._recent: deque[RecentRequest] = deque(maxlen=MAX_RECENT_REQUESTS)

    def observe(self, observation: Observation) -> None:
        """Count `observation`."""
        match observation:
            case SegmentFinished():
                self._add_segment(observation)
            case RequestFinished():
                self._add_request(observation)
            case ConnectionRejected(listener, code):
                self._rejections[listener, code] += 1
            case Inference():
                self._add_inference(observation)
            case ProviderSwitched(stage, _, before, after):
                self._switches[stage, before, after] += 1
            case AcceleratorShare(stage, window, provider):
                self._accelerator_shares[stage, window, provider] = observation
            case MemoryPressureChanged():
                self._add_pressure_change(observation)

    @property
    def metrics(self) -> Metrics:
        """The present counts."""
        return Metrics(
            started_at=self._since,
            first_audio_uncached=self._first_audio[False].freeze(),
            first_audio_cached=self._first_audio[True].freeze(),
            rtf=self._rtf.freeze(),
            wait=self._wait.freeze(),
            requests=tuple(RequestCount(*key, count) for key, count in sorted(self._requests.items())),
            rejections=tuple(RejectionCount(*key, count) for key, count in sorted(self._rejections.items())),
            voices=dict(sorted(self._voices.items())),
            selections=tuple(totals for _, totals in sorted(self._selections.items())),
            inferences=tuple(totals for _, totals in sorted(self._inferences.items())),
            provider_switches=tuple(ProviderSwitchCount(*key, count) for key, count in sorted(self._switches.items())),
            accelerator_shares=tuple(share for _, share in sorted(self._accelerator_shares.items())),
            memory_level=self._level,
            memory_level_reason=self._level_reason,
            memory_level_changes=self._level_changes,
            freed_bytes=self._freed_bytes,
            recent_requests=tuple(self._recent),
        )

    def _add_segment(self, segment: SegmentFinished) -> None:
        is_counted = segment.voice in self._voices or len(self._voices) < MAX_VOICES
        voice = segment.voice if is_counted else OTHER_VOICES
        self._voices[voice] = self._voices[voice].plus(segment.seconds, is_cached=segment.cached)
        selection = (segment.quality, segment.reason)
        totals = self._selections.get(selection) or SelectionTotals(*selection, 0, 0.0, 0.0)
        self._selections[selection] = SelectionTotals(
            *selection,
            totals.segments + 1,
            totals.seconds + segment.seconds,
            totals.work_seconds + segment.work_seconds,
        )
        if segment.work_seconds and segment.seconds and segment.quality == "full":
            self._rtf.add(segment.work_seconds / segment.seconds)

    def _add_request(self, request: RequestFinished) -> None:
        self._requests[request.outcome, request.code] += 1
        if request.first_seconds is not None:
            self._first_audio[request.cached].add(request.first_seconds)
        if request.wait_seconds is not None:
            self._wait.add(request.wait_seconds)
        has_rtf = request.work_seconds and request.audio_seconds
        self._recent.append(
            RecentRequest(
                ended_at=self._clock(),
                voice=request.voice,
                outcome=request.outcome,
                code=request.code,
                first_seconds=request.first_seconds,
                seconds=request.seconds,
                audio_seconds=request.audio_seconds,
                rtf=request.work_seconds / request.audio_seconds if has_rtf else None,
                cached=request.cached,
            )
        )

    def _add_inference(self, inference: Inference) -> None:
        key = (inference.stage, inference.provider, inference.purpose)
        totals = self._inferences.get(key) or InferenceTotals(*key, count=0, failures=0, seconds=0.0, frames=0)
        has_frames = inference.stage == VOCODER and inference.seconds is not None
        self._inferences[key] = replace(
            totals,
            count=totals.count + 1,
            failures=totals.failures + (inference.seconds is None),
            seconds=totals.seconds + (inference.seconds or 0.0),
            frames=totals.frames + (inference.window if has_frames else 0),
        )

    def _add_pressure_change(self, change: MemoryPressureChanged) -> None:
        self._level_changes += change.before != change.after
        self._level, self._level_reason = change.after, change.reason
        self._freed_bytes += change.freed_bytes


class _HistogramCounter:
    """A mutable `Histogram`."""

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def add(self, value: float) -> None:
        """Count `value` in the first bucket whose bound is not lower."""
        self._counts[bisect.bisect_left(self._bounds, value)] += 1
        self._sum += value

    def freeze(self) -> Histogram:
        return Histogram(self._bounds, tuple(self._counts), self._sum)
