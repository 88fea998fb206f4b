"""What `kokoro_observe` is told of: typed observations, each made once, where it happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["spoken", "failed", "cancelled", "refused"]
Level = Literal["normal", "raised", "high", "critical"]
"""How short of memory the machine, the container or the process is."""
Purpose = Literal["speech", "warmup", "trial"]
"""Whom the model runs for: somebody who listens, a phrase that is made in advance, or a provider that is tried."""


@dataclass(frozen=True, slots=True)
class SegmentFinished:
    """A segment was spoken to its end to somebody."""

    text: str
    """What was said, as it was written: never to be logged above debug, nor kept without need."""
    voice: str
    cached: bool
    """The phrase cache had all of it."""
    seconds: float
    """How long it plays."""
    work_seconds: float = 0.0
    """How long the model ran for it; nothing for what was kept, or was made for another listener."""


@dataclass(frozen=True, slots=True)
class RequestFinished:
    """A client's request was answered to its end, or not."""

    voice: str
    """Empty when the request named none that there is."""
    outcome: Outcome
    """`refused`: it was never begun; `cancelled`: the client went."""
    code: str = ""
    """The code of the error that the client was told."""
    first_seconds: float | None = None
    """From the request's first text to its first sample (TTFA); None when there was no sound."""
    seconds: float = 0.0
    """From the request's first text to its end."""
    audio_seconds: float = 0.0
    work_seconds: float = 0.0
    """How long the model ran for the segments that were spoken to their end."""
    cached: bool = False
    """There was sound, and the phrase cache had all of it."""


@dataclass(frozen=True, slots=True)
class Inference:
    """A provider ran a stage once."""

    stage: str
    window: int
    """Frames of 12.5 ms, of ALBERT the tokens that a text may have; 0 for a stage that runs whole segments."""
    provider: str
    seconds: float | None
    """None when it failed."""
    purpose: Purpose = "speech"


@dataclass(frozen=True, slots=True)
class ProviderSwitched:
    """Another provider took over, for windows of one size."""

    stage: str
    window: int
    """Frames of 12.5 ms, of ALBERT the tokens that a text may have; 0 for a stage that runs whole segments."""
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class AcceleratorShare:
    """A provider took over whose plan tells how much of the work an accelerator does. Observed once for each window."""

    stage: str
    window: int
    """Frames of 12.5 ms, of ALBERT the tokens that a text may have; 0 for a stage that runs whole segments."""
    provider: str
    device: str
    """The accelerator, for people: `Neural Engine`."""
    share: float
    """0 to 1."""


@dataclass(frozen=True, slots=True)
class MemoryPressureChanged:
    """Memory became shorter, or less short."""

    before: Level
    after: Level
    reason: str
    """For the owner of the machine."""
    freed_bytes: int = 0


@dataclass(frozen=True, slots=True)
class ConfigReloaded:
    """The configuration was read again while the server runs."""

    problem: str = ""
    """Why everything stays as it was; empty when what can be changed was changed."""
    needs_restart: tuple[str, ...] = ()
    """Keys whose new values wait for a restart."""


Observation = (
    SegmentFinished
    | RequestFinished
    | Inference
    | ProviderSwitched
    | AcceleratorShare
    | MemoryPressureChanged
    | ConfigReloaded
)
"""What `kokoro_observe` is told of; more kinds may come."""
