"""The metrics of the server. They never contain spoken text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from wyoming_kokoro.api.observations import AcceleratorShare, Level, Outcome, Purpose
from wyoming_kokoro.api.speech_models import Quality, SelectionReason

MAX_RECENT_REQUESTS = 300
"""The length of `Metrics.recent_requests`."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """The distribution of a value."""

    bounds: tuple[float, ...]
    """The inclusive upper bounds of the buckets, in ascending order. Larger values have one more bucket."""
    counts: tuple[int, ...]
    """The number of values in each bucket."""
    sum: float = 0.0

    @property
    def count(self) -> int:
        """The number of all values."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class RequestCount:
    """The number of requests with the same outcome."""

    outcome: Outcome
    code: str
    """The code of the error that the client received, or an empty string."""
    count: int


@dataclass(frozen=True, slots=True)
class RejectionCount:
    """The number of rejected connections with the same reason."""

    listener: str
    """`wyoming`, or the name of the plugin that listens."""
    code: str
    count: int


@dataclass(frozen=True, slots=True)
class SpeechTotals:
    """The speech that was sent to clients."""

    segments: int = 0
    cached: int = 0
    """Segments that came completely from the phrase cache."""
    seconds: float = 0.0
    """The duration of all segments."""
    cached_seconds: float = 0.0

    def plus(self, seconds: float, *, is_cached: bool) -> SpeechTotals:
        """Return the totals with one more segment."""
        return SpeechTotals(
            self.segments + 1,
            self.cached + is_cached,
            self.seconds + seconds,
            self.cached_seconds + (seconds if is_cached else 0.0),
        )

    @property
    def hit_rate(self) -> float | None:
        """The share of segments that were cached, 0 to 1; None without segments."""
        return self.cached / self.segments if self.segments else None


@dataclass(frozen=True, slots=True)
class SelectionTotals:
    """The segments that one kind of model spoke for one reason."""

    quality: Quality
    reason: SelectionReason
    segments: int
    seconds: float
    """The duration of the speech."""
    work_seconds: float
    """How long the model ran."""


@dataclass(frozen=True, slots=True)
class InferenceTotals:
    """All runs of one stage on one provider for one purpose."""

    stage: str
    provider: str
    purpose: Purpose
    count: int
    """All runs, including failed ones."""
    failures: int
    seconds: float
    """The duration of all successful runs."""
    frames: int
    """Frames of 12.5 ms that successful runs of the vocoder made; 0 for other stages."""


@dataclass(frozen=True, slots=True)
class ProviderSwitchCount:
    """How often one provider replaced another."""

    stage: str
    before: str
    after: str
    count: int


@dataclass(frozen=True, slots=True)
class RecentRequest:
    """A request that ended."""

    ended_at: float
    """Unix time."""
    voice: str
    outcome: Outcome
    code: str
    first_seconds: float | None
    """From the first text to the first sample (TTFA); None without sound."""
    seconds: float
    """From the first text to the end."""
    audio_seconds: float
    rtf: float | None
    """Seconds of work per second of speech; None if the model did not run."""
    cached: bool
    """Whether all speech came from the phrase cache."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """All metrics since the server started."""

    started_at: float
    """Unix time."""
    first_audio_uncached: Histogram
    """TTFA in seconds of requests with synthesized speech."""
    first_audio_cached: Histogram
    """TTFA in seconds of requests that came completely from the phrase cache."""
    rtf: Histogram
    """Seconds of work per second of speech of each segment that the full model synthesized."""
    wait: Histogram
    """Seconds for which each request that used the full model waited for it."""
    requests: tuple[RequestCount, ...] = ()
    rejections: tuple[RejectionCount, ...] = ()
    """Connections that were refused, or closed because of their clients."""
    voices: Mapping[str, SpeechTotals] = field(default_factory=dict)
    """The totals of each voice, by its name."""
    selections: tuple[SelectionTotals, ...] = ()
    """Which model spoke, and why."""
    inferences: tuple[InferenceTotals, ...] = ()
    provider_switches: tuple[ProviderSwitchCount, ...] = ()
    accelerator_shares: tuple[AcceleratorShare, ...] = ()
    """The latest share of each stage, window and provider."""
    memory_level: Level = "normal"
    memory_level_reason: str = ""
    memory_level_changes: int = 0
    freed_bytes: int = 0
    """Memory that was freed because it was short."""
    recent_requests: tuple[RecentRequest, ...] = ()
    """The last `MAX_RECENT_REQUESTS` requests, the latest last."""

    @property
    def speech(self) -> SpeechTotals:
        """The totals of all voices."""
        totals = self.voices.values()
        return SpeechTotals(
            sum(voice.segments for voice in totals),
            sum(voice.cached for voice in totals),
            sum(voice.seconds for voice in totals),
            sum(voice.cached_seconds for voice in totals),
        )


@dataclass(frozen=True, slots=True)
class TrialSummary:
    """The result of the trial of one provider."""

    provider: str
    seconds: float | None
    """How long the provider takes for a window of 200 ms; None if it is unusable."""
    problem: str = ""
    """Why the provider is unusable."""
    note: str = ""
    """A note of the session for the operator, such as the accelerator's share."""


@dataclass(frozen=True, slots=True)
class StageStatus:
    """The providers of one stage of the model."""

    stage: str
    in_use: Mapping[int, str]
    """The provider of the last run, by the window in frames of 12.5 ms; 0 for a stage that runs whole segments."""
    open_providers: tuple[str, ...]
    """The providers with an open session, the highest priority first."""
    trials: tuple[TrialSummary, ...] = ()
    """Filled only for the vocoder; `wyoming-kokoro check` also shows the trials of ALBERT."""


ModelState = Literal["open", "opening", "failed", "not needed"]
"""`not needed`: no request has needed the model yet; it opens on demand."""


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """A speech model of the server."""

    name: str
    quality: Quality
    voices: tuple[str, ...]
    """The model voices that it speaks. The full model also speaks their blends."""
    state: ModelState
    problem: str = ""
    """Why the model failed."""


@dataclass(frozen=True, slots=True)
class Advice:
    """A recommendation for the operator."""

    topic: str
    """A stable word for programs: `hit-rate`, `provider`, ..."""
    finding: str
    """What could be better, with the metrics that show it."""
    action: str
    """What the operator can do."""
