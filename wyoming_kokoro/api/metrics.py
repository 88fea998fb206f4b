"""What the server knows of itself, as frozen facts: what metrics, the dashboard and recommendations stand on.

Nothing here tells what was said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from wyoming_kokoro.api.observations import AcceleratorShare, Level, Outcome, Purpose

MAX_RECENT_REQUESTS = 300
"""Requests that are remembered one by one."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """How values are distributed."""

    bounds: tuple[float, ...]
    """The upper bound of each bucket, the lowest first; what is above all of them is in a bucket of its own."""
    counts: tuple[int, ...]
    """How many values are in each bucket: one more than there are bounds."""
    sum: float = 0.0

    @property
    def count(self) -> int:
        """How many values there are."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class RequestCount:
    """How many requests ended in one way."""

    outcome: Outcome
    code: str
    """Of the error that the client was told; empty when there was none."""
    count: int


@dataclass(frozen=True, slots=True)
class SpeechTotals:
    """What was spoken to somebody, segment by segment."""

    segments: int = 0
    cached: int = 0
    """Segments that the phrase cache had all of."""
    seconds: float = 0.0
    """How long they all play."""
    cached_seconds: float = 0.0

    @property
    def hit_rate(self) -> float | None:
        """The share of segments that were cached, 0 to 1; None when nothing was spoken."""
        return self.cached / self.segments if self.segments else None


@dataclass(frozen=True, slots=True)
class InferenceTotals:
    """Every run of a stage on a provider for one purpose."""

    stage: str
    provider: str
    purpose: Purpose
    count: int
    """The failed ones among them."""
    failures: int
    seconds: float
    """What those that did not fail took."""
    frames: int
    """Frames of 12.5 ms that those made, of the vocoder; 0 for the other stages."""


@dataclass(frozen=True, slots=True)
class ProviderSwitchCount:
    """How often one provider took over from another."""

    stage: str
    before: str
    after: str
    count: int


@dataclass(frozen=True, slots=True)
class RecentRequest:
    """A request that ended a while ago."""

    ended_at: float
    """When it ended, as a Unix time."""
    voice: str
    outcome: Outcome
    code: str
    first_seconds: float | None
    """From its first text to its first sample (TTFA); None when there was no sound."""
    seconds: float
    """From its first text to its end."""
    audio_seconds: float
    rtf: float | None
    """Seconds that the model ran for it, for a second of its sound; None when the model did not run."""
    cached: bool
    """The phrase cache had all of it."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """Everything that was counted since the server started."""

    started_at: float
    """When counting began, as a Unix time."""
    first_audio_uncached: Histogram
    """TTFA in seconds of the requests that had sound which the model made."""
    first_audio_cached: Histogram
    """TTFA in seconds of those that the phrase cache had all of."""
    rtf: Histogram
    """Seconds that the model ran for a second of speech, of every segment that it made."""
    requests: tuple[RequestCount, ...] = ()
    voices: Mapping[str, SpeechTotals] = field(default_factory=dict)
    """What each voice spoke, by its name."""
    inferences: tuple[InferenceTotals, ...] = ()
    """Every inference, each counted once."""
    provider_switches: tuple[ProviderSwitchCount, ...] = ()
    accelerator_shares: tuple[AcceleratorShare, ...] = ()
    """How much of the work accelerators do, of each provider in windows of each size, as was told last."""
    memory_level: Level = "normal"
    """How short memory is now."""
    memory_level_reason: str = ""
    memory_level_changes: int = 0
    freed_bytes: int = 0
    """What was given back because memory was short."""
    recent_requests: tuple[RecentRequest, ...] = ()
    """The last `MOST_RECENT` requests, the latest last."""

    @property
    def speech(self) -> SpeechTotals:
        """What all voices spoke."""
        each = self.voices.values()
        return SpeechTotals(
            sum(one.segments for one in each),
            sum(one.cached for one in each),
            sum(one.seconds for one in each),
            sum(one.cached_seconds for one in each),
        )


@dataclass(frozen=True, slots=True)
class TrialSummary:
    """What was measured of a provider in the place of the vocoder."""

    provider: str
    seconds: float | None
    """How long a window of 200 ms takes; None when the provider cannot be used."""
    problem: str = ""
    """Why it cannot be used."""
    note: str = ""
    """What it has to tell the owner of the machine, such as an accelerator's share."""


@dataclass(frozen=True, slots=True)
class StageStatus:
    """Who runs a stage of the model."""

    stage: str
    in_use: Mapping[int, str]
    """The provider of the last run, by the window's frames of 12.5 ms; 0 for a stage that runs whole segments."""
    open_providers: tuple[str, ...]
    """The providers that are open, the one of the highest rank first."""
    trials: tuple[TrialSummary, ...] = ()
    """What was measured: only the vocoder is tried on other providers."""


@dataclass(frozen=True, slots=True)
class Advice:
    """A recommendation."""

    topic: str
    """A word that stays the same, for programs: `hit-rate`, `provider`, ..."""
    finding: str
    """What is not as good as it could be, and the figures that show it."""
    action: str
    """What to do."""
